import { openStore, type Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporalTrace, together } from "../../src/index.ts";

const ROWS = { key: z.string(), value: z.int32() };

async function open(store: Store, ...names: readonly string[]) {
  return Promise.all(names.map((name) => temporalTrace(store, name, ROWS)));
}

describe("together()", () => {
  it("F21 TT17 reads traces as of one time, each as it reads by itself", async () => {
    await using store = await openStore();
    const orders = await temporalTrace(store, "orders", { key: z.string(), value: z.string() });
    const prices = await temporalTrace(store, "prices", ROWS);
    for (let time = 0; time < 6; time++) {
      orders.insert(time, "ann", `order ${time}`);
      prices.insert(time, "apple", time);
      if (time > 0) prices.insert(time, "apple", time - 1, -1);
    }
    orders.advance(4);
    prices.advance(6);
    await store.commit({ metadata: { n: 1 } });
    const both = together([orders, prices]);
    expect([both.since, both.upper]).toEqual([orders.since, 4]);
    for (let time = 0; time < both.upper; time++) {
      using then = await both.asOf(time);
      expect([then.time, then.metadata]).toEqual([time, { n: 1 }]);
      using alone = await orders.asOf(time);
      expect(await then.of(orders).get("ann")).toEqual(await alone.get("ann"));
      expect(await then.of(orders).get("ann")).toHaveLength(time + 1);
      expect(await then.of(prices).get("apple")).toEqual([{ value: time, weight: 1 }]);
    }
    await expect(both.asOf(4)).rejects.toMatchObject({ code: "ZSPINE_TIME_AHEAD" });
    prices.advanceSince(2);
    await store.commit();
    expect(both.since).toBe(2);
    await expect(both.asOf(1)).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED", cause: { least: 2 } });
    expect(orders.explainSince().holders).toEqual([]);
  });

  it("F21 TT17 waits for those that are asked for, and for no other", async () => {
    await using store = await openStore();
    const [a, b, quiet] = await open(store, "a", "b", "quiet");
    a!.advance(10);
    quiet!.advance(1);
    await store.commit();
    const waiting = together([a!, b!]).asOf(5, { wait: true });
    b!.insert(5, "k", 1);
    b!.advance(6);
    await store.commit({ metadata: { n: 2 } });
    using then = await waiting;
    expect(then.metadata).toEqual({ n: 2 });
    expect(await then.of(b!).get("k")).toEqual([{ value: 1, weight: 1 }]);
    expect(quiet!.upper).toBe(1);
  });

  it("reads one commit, when one was complete before the other and was corrected meanwhile", async () => {
    await using store = await openStore();
    const a = await temporalTrace(store, "a", { ...ROWS, late: "accept" });
    const [b] = await open(store, "b");
    a.advance(10);
    await store.commit();
    const waiting = together([a, b!]).asOf(5, { wait: true });
    await Promise.resolve();
    a.insert(5, "late", 1);
    b!.advance(10);
    await store.commit({ metadata: { n: 2 } });
    using then = await waiting;
    expect(then.metadata).toEqual({ n: 2 });
    expect(await then.of(a).get("late")).toEqual([{ value: 1, weight: 1 }]);
  });

  it("holds since while it waits and until it is closed, not longer", async () => {
    await using store = await openStore();
    const [a, b] = await open(store, "a", "b");
    a!.advance(10);
    await store.commit();
    const waiting = together([a!, b!]).asOf(5, { wait: true });
    expect(a!.advanceSince(8)).toBe(5);
    b!.advance(10);
    await store.commit();
    const then = await waiting;
    expect(a!.explainSince().holders.map(({ kind, at }) => [kind, at])).toEqual([["reader", 5]]);
    expect(a!.since).toBe(5);
    then.close();
    then.close();
    expect(a!.since).toBe(8);
    expect(b!.explainSince().holders).toEqual([]);
    expect(() => then.of(a!)).toThrow(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
  });

  it("lets go of all when one refuses, the signal aborts or the store is closed", async () => {
    const store = await openStore();
    const [a, b, c] = await open(store, "a", "b", "c");
    a!.advance(10);
    c!.advance(10);
    await store.commit();
    c!.advanceSince(7);
    await store.commit();
    const passed = together([a!, b!, c!]).asOf(5, { wait: true });
    await expect(passed).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    const controller = new AbortController();
    const aborted = together([a!, b!]).asOf(5, { wait: true, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    for (const trace of [a!, b!, c!]) expect(trace.explainSince().holders).toEqual([]);
    const closed = together([a!, b!]).asOf(5, { wait: true });
    await Promise.all([expect(closed).rejects.toMatchObject({ code: "ZSPINE_CLOSED" }), store.close()]);
  });

  it("refuses what is no temporal trace, and traces of two stores", async () => {
    await using store = await openStore();
    await using other = await openStore();
    const [a, b] = await open(store, "a", "b");
    const [c] = await open(other, "c");
    const plain = await store.trace("plain", ROWS);
    const refuse = (traces: unknown, path: readonly PropertyKey[]) =>
      expect(() => together(traces as never)).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path }),
      );
    refuse([], ["together"]);
    refuse(a, ["together"]);
    refuse([a, plain], ["together", 1]);
    refuse([undefined], ["together", 0]);
    refuse([a, b, c], ["together", 2]);
    a!.advance(1);
    await store.commit();
    using then = await together([a!, a!]).asOf(0);
    expect(() => then.of(b!)).toThrow(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["of"] }),
    );
    await expect(together([a!]).asOf(0.5)).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
    const options = { hold: undefined, wiat: true } as never;
    await expect(together([a!]).asOf(0, options)).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
  });
});
