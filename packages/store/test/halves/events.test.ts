import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, tiered, type StoreEvents } from "../../src/index.ts";

// The law: events are told in the order in which they happened, once everything is consistent, and a listener may do
// whatever it likes; one that was taken off is not told.

const ROWS = { key: z.int32(), value: z.string() };

describe("events", () => {
  it("are told after the call in which they happen, in order, before a promise that tells the same", async () => {
    await using store = await openStore({ stagingRows: 1, strategy: tiered({ fanout: 2 }) });
    const trace = await store.trace("t", ROWS);
    const told: string[] = [];
    for (const name of ["merge", "discard", "commit", "drop"] as const) store.on(name, () => told.push(name));
    for (let key = 0; key < 4; key++) trace.insert(key, "v");
    expect(told).toEqual([]);
    store.discard();
    expect(told).toEqual([]);
    await Promise.resolve();
    const merges = told.length - 1;
    expect(merges).toBeGreaterThan(0);
    expect(told).toEqual([...Array.from({ length: merges }, () => "merge"), "discard"]);
    const committing = store.commit().then(() => told.push("resolved"));
    await committing;
    expect(told.slice(-2)).toEqual(["commit", "resolved"]);
    await store.drop("t").then(() => told.push("resolved"));
    expect(told.slice(-2)).toEqual(["drop", "resolved"]);
  });

  it("find in a listener what the call has made, and what the listener does is done", async () => {
    await using store = await openStore({ stagingRows: 1, strategy: tiered({ fanout: 2 }) });
    const trace = await store.trace("t", ROWS);
    const totals: number[] = [];
    let inserted = 0;
    const off = store.on("merge", () => {
      totals.push(trace.totalWeight);
      if (inserted < 10) trace.insert(100 + inserted++, "v");
    });
    trace.insertAll([0, 1, 2, 3].map((key) => ({ key, value: "v" })));
    trace.insert(4, "v");
    await store.finishMerges();
    off();
    expect(totals[0]).toBe(5);
    expect(trace.totalWeight).toBe(5 + inserted);
    expect((await trace.count()).rows).toBe(5 + inserted);
  });

  it("are not told to a listener that was taken off before its turn", async () => {
    await using store = await openStore();
    const told: string[] = [];
    const offs: (() => void)[] = [];
    store.on("discard", () => {
      told.push("first");
      for (const off of offs) off();
    });
    offs.push(store.on("discard", () => told.push("second")));
    store.discard();
    await Promise.resolve();
    expect(told).toEqual(["first"]);
  });

  it("tell of a strategy that fails or calls the store, and the rows stay as they are", async () => {
    const failure = new TypeError("of the strategy's");
    let act = (): void => undefined;
    await using store = await openStore({
      stagingRows: 1,
      strategy: {
        name: "of the test",
        choose: () => {
          act();
          return undefined;
        },
      },
    });
    const trace = await store.trace("t", ROWS);
    const failures: StoreEvents["mergeFailure"][] = [];
    store.on("mergeFailure", (event) => failures.push(event));
    trace.insert(0, "v");
    for (const next of [
      () => {
        throw failure;
      },
      () => trace.insert(10, "v"),
      () => trace.snapshot(),
      () => store.discard(),
    ]) {
      act = next;
      trace.insert(1, "v");
    }
    act = () => undefined;
    await Promise.resolve();
    expect(failures[0]).toEqual({ trace: "t", error: failure });
    expect(failures.length).toBe(4);
    for (const { error } of failures.slice(1))
      expect(error).toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        message: expect.stringContaining("strategy"),
      });
    expect(trace.totalWeight).toBe(5);
    expect(await trace.get(1)).toEqual([{ value: "v", weight: 4 }]);
  });
});
