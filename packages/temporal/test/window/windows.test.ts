import { openStore } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { session, sliding, temporalTrace, tumbling, windows } from "../../src/index.ts";

const CLICKS = { key: z.string(), value: z.string() };

async function clicks(
  ...list: readonly (readonly [time: number, user: string, page: string, weight?: number])[]
) {
  const store = await openStore();
  const trace = await temporalTrace(store, "clicks", CLICKS);
  for (const [time, user, page, weight] of list) trace.insert(time, user, page, weight);
  return { store, trace };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("windows()", () => {
  it("gives each tumbling window once it is over, and those that are left when all is", async () => {
    const { store, trace } = await clicks([3, "ann", "/"], [59, "ann", "/cart"], [60, "bob", "/"]);
    trace.advance(61);
    await store.commit();
    const found = windows(trace.subscribe({ net: false }), tumbling({ size: 60 }));
    const first = (await found.next()).value!;
    expect([first.start, first.end]).toEqual([0, 60]);
    expect([...first.rows]).toEqual([
      { key: "ann", value: "/", weight: 1 },
      { key: "ann", value: "/cart", weight: 1 },
    ]);
    const waiting = found.next();
    trace.insert(200, "bob", "/cart");
    trace.finish();
    await store.commit();
    expect((await waiting).value).toMatchObject({ start: 60, end: 120 });
    expect((await found.next()).value).toMatchObject({ start: 180, end: 240 });
    expect((await found.next()).done).toBe(true);
    await store.close();
  });

  it("gives a change in each sliding window that has its time, and what cancels out in none", async () => {
    const { store, trace } = await clicks([25, "ann", "/"], [31, "ann", "/", -1]);
    trace.finish();
    await store.commit();
    const found = await all(windows(trace.subscribe({ net: false }), sliding({ size: 20, step: 10 })));
    expect(found.map(({ start, end, rows }) => [start, end, rows.totalWeight])).toEqual([
      [10, 30, 1],
      [30, 50, -1],
    ]);
    await store.close();
  });

  it("gives the sessions of each key, those with the same bounds together", async () => {
    const { store, trace } = await clicks(
      [0, "ann", "/"],
      [0, "bob", "/"],
      [9, "ann", "/cart"],
      [9, "bob", "/cart"],
      [12, "cid", "/"],
      [19, "ann", "/again"],
    );
    trace.finish();
    await store.commit();
    const found = await all(windows(trace.subscribe({ net: false }), session({ gap: 10 })));
    expect(found.map(({ start, end, rows }) => [start, end, [...rows.keys()], rows.size])).toEqual([
      [0, 19, ["ann", "bob"], 4],
      [12, 22, ["cid"], 1],
      [19, 29, ["ann"], 1],
    ]);
    await store.close();
  });

  it("goes on after a restart from what a hold has kept, with no window lost and none twice", async () => {
    const { store, trace } = await clicks();
    const given: (readonly [number, number])[] = [];
    const count = async (most: number) => {
      using hold = await trace.hold({ name: "windows" });
      const found = windows(trace.subscribe({ net: false, from: hold.at }), sliding({ size: 20, step: 10 }));
      for await (const { start, rows, resumeFrom } of found) {
        given.push([start, rows.totalWeight]);
        await hold.advance(resumeFrom!);
        if (--most === 0) break;
      }
    };
    trace.advance(0);
    await store.commit();
    (await trace.hold({ name: "windows" }))[Symbol.dispose]();
    for (let time = 0; time < 100; time++) trace.insert(time, "ann", `${time}`);
    trace.advance(100);
    await store.commit();
    trace.advanceSince(99);
    for (let n = 0; n < 4; n++) await count(2);
    expect(given).toEqual([0, 10, 20, 30, 40, 50, 60, 70].map((start) => [start, 20]));
    expect(trace.since).toBe(79);
    await store.close();
  });

  it("lets the subscription end when nobody asks for more", async () => {
    const { store, trace } = await clicks([0, "ann", "/"], [5, "ann", "/"]);
    trace.advance(100);
    await store.commit();
    for await (const { end } of windows(trace.subscribe({ net: false }), tumbling({ size: 2 }))) {
      expect(end).toBe(2);
      break;
    }
    expect(trace.explainSince().holders).toEqual([]);
    await store.close();
  });

  it("refuses what gives no changes by their times, and what is no kind of windows", async () => {
    const { store, trace } = await clicks([0, "ann", "/"]);
    trace.advance(1);
    await store.commit();
    await expect(windows(trace.subscribe(), tumbling({ size: 2 })).next()).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["deliveries", "times"],
    });
    const code = "ZSPINE_INVALID_OPTIONS";
    expect(() => windows([] as never, tumbling({ size: 2 }))).toThrow(expect.objectContaining({ code }));
    expect(() => windows(trace.subscribe(), { size: 2 } as never)).toThrow(expect.objectContaining({ code }));
    await store.close();
  });
});
