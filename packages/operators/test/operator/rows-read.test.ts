import { describe, expect, it } from "vitest";
import { openStore } from "@zspine/store";
import { z } from "zod";
import { avg, count, max, min, pipeline, sum, type Stream } from "../../src/index.ts";
import { rows, textsOf } from "../pipeline/sample.ts";

const TEXT_AND_NUMBER = { key: z.string(), value: z.int32() };
type S = Stream<string, number>;

/** A pipeline of one operator over two inputs, with 1,000 rows in each of four groups. */
async function grown<R>(wire: (a: S, b: S) => Stream<string, R>) {
  const store = await openStore();
  const view = await pipeline(store, {
    inputs: { a: TEXT_AND_NUMBER, b: TEXT_AND_NUMBER },
    outputs: ({ a, b }) => ({ out: wire(a, b) }),
  });
  const all = ["g0", "g1", "g2", "g3"].flatMap((key) =>
    Array.from({ length: 1000 }, (_, value) => ({ key, value })),
  );
  await view.step({ a: all, b: rows("g0 0", "g1 1", "g9 9") });
  return { view, store };
}

describe("rows that a step reads", () => {
  it("O2 aggregate() of count, sum and avg reads the one row of each key, and keeps nothing of its input", async () => {
    const Result = z.object({ n: z.int(), total: z.int(), mean: z.number() });
    const ofAll = (a: S) =>
      // What is aggregated is an output of no other: nobody keeps it.
      a
        .map(TEXT_AND_NUMBER, (key, value) => ({ key, value }))
        .aggregate(Result, { n: count(), total: sum((v) => v), mean: avg((v) => v) });
    const { view, store } = await grown(ofAll);
    const { rowsRead, changes } = await view.step({ a: rows("g0 5", "g0 7 -1", "g2 1000", "new 1") });
    expect(rowsRead).toBe(2);
    expect(await textsOf(changes.out)).toHaveLength(5);
    expect(store.traces).toEqual(["a", "b", "out", "pipeline/3.state", "pipelines"]);
    await store.close();
  });

  it("O2 aggregate() of max reads nothing of its input where the maximum is not met, one row where it is beaten, and three where it is lost", async () => {
    const { view, store } = await grown((a) => a.aggregate(z.int32(), max<number>()));
    // The row that is kept of the key is read each time.
    expect((await view.step({ a: rows("g0 5", "g0 7 -1") })).rowsRead).toBe(1);
    expect((await view.step({ a: rows("g0 1001") })).rowsRead).toBe(2);
    const lost = await view.step({ a: rows("g0 1001 -1") });
    expect(lost.rowsRead).toBe(4);
    expect(await textsOf(lost.changes.out)).toEqual(["g0 999", "g0 1001 -1"]);
    await store.close();
  });

  it("O2 aggregate() of min finds the next, however many of the least go at once", async () => {
    const { view, store } = await grown((a) => a.aggregate(z.int32(), min<number>()));
    const lost = await view.step({ a: rows("g0 0 -1", "g0 1 -1", "g0 2 -1") });
    expect(await textsOf(lost.changes.out)).toEqual(["g0 0 -1", "g0 3"]);
    // The kept row, the one that is lost, and what weighs one and the three that go.
    expect(lost.rowsRead).toBe(1 + 1 + 4);
    await store.close();
  });

  it("O1 join() reads the rows of keys in the delta of the other side", async () => {
    const { view, store } = await grown((a, b) =>
      a.join(b, TEXT_AND_NUMBER, (key, l, r) => ({ key, value: l + r })),
    );
    expect((await view.step({ a: rows("g0 5000", "g2 1") })).rowsRead).toBe(1);
    expect((await view.step({ b: rows("g9 9 -1") })).rowsRead).toBe(0);
    expect((await view.step({ b: rows("g3 1") })).rowsRead).toBe(1000);
    await store.close();
  });

  it("O1 semijoin() and antijoin() read the keys in the deltas, and rows of those that come or go", async () => {
    for (const anti of [false, true]) {
      const { view, store } = await grown((a, b) => (anti ? a.antijoin(b) : a.semijoin(b)));
      expect((await view.step({ a: rows("g0 5000", "g2 1") })).rowsRead).toBe(1);
      // The key is there already, and is now twice.
      expect((await view.step({ b: rows("g0 77") })).rowsRead).toBe(1);
      expect((await view.step({ b: rows("g2 1") })).rowsRead).toBe(1000);
      expect((await view.step({ b: rows("g2 1 -1") })).rowsRead).toBe(1001);
      await store.close();
    }
  });

  it("O1 distinct() and reduce() read the groups in the delta", async () => {
    const reduced = (a: S): S => a.reduce(z.int32(), (_key, values) => [values.length]);
    for (const wire of [(a: S) => a.distinct(), reduced]) {
      const { view, store } = await grown(wire);
      expect((await view.step({ a: rows("g0 5", "g7 1") })).rowsRead).toBe(1000);
      await store.close();
    }
  });

  it("O1 topK() reads k rows of each key in the delta, and as many more as go", async () => {
    const { view, store } = await grown((a) => a.topK(3, { order: "descending" }));
    expect((await view.step({ a: rows("g0 5000") })).rowsRead).toBe(3);
    const gone = await view.step({ a: rows("g0 5000 -1", "g0 998 -1") });
    expect(gone.rowsRead).toBe(5);
    expect(await textsOf(gone.changes.out)).toEqual(["g0 996", "g0 997", "g0 998 -1", "g0 5000 -1"]);
    await store.close();
  });

  it("O1 map(), filter(), flatMap(), add(), subtract() and window() of one size read nothing", async () => {
    const { view, store } = await grown((a, b) =>
      a
        .filter((_key, value) => value % 2 === 0)
        .add(b)
        .subtract(a)
        .flatMap(TEXT_AND_NUMBER, (key, value) => [
          { key, value },
          { key, value: value + 1 },
        ])
        .window(
          { size: 10 },
          (_key, value) => value,
          TEXT_AND_NUMBER,
          ({ start }, key) => ({ key, value: start }),
        ),
    );
    expect((await view.step({ a: rows("g0 5", "g1 6 -1"), b: rows("g1 2") })).rowsRead).toBe(0);
    await store.close();
  });

  it("O1 delay() reads the rows that become due", async () => {
    await using store = await openStore();
    const view = await pipeline(store, {
      inputs: { a: TEXT_AND_NUMBER },
      time: z.int(),
      outputs: ({ a }) => ({ out: a.delay((_key, value) => value) }),
    });
    const all = Array.from({ length: 1000 }, (_, value) => ({ key: "a", value }));
    expect((await view.step({ a: all }, { now: 9 })).changes.out.size).toBe(10);
    const later = await view.step({ a: rows("a 11 -1", "a 5 -1") }, { now: 12 });
    expect(await textsOf(later.changes.out)).toEqual(["a 5 -1", "a 10", "a 12"]);
    expect(later.rowsRead).toBe(3);
    expect((await view.step({})).rowsRead).toBe(0);
  });
});
