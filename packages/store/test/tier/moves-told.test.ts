import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type SpillProgress, type Store, type StoreEvents, type Trace } from "../../src/index.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";

interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, number>;
  readonly loads: StoreEvents["load"][];
}

/** Opens a store with rows of keys 0 to 199,999, all in memory; over a medium that reads at once, or does not. */
async function openFilled(readsAtOnce = true): Promise<Opened> {
  const inner = memory();
  const { getSync: _, ...later } = forward(inner);
  const placement = pressing(100_000_000, { looks: 0, pressed: 0 });
  const store = await openStore({ backend: placedBackend(readsAtOnce ? inner : later, placement) });
  const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
  for (let key = 0; key < 200_000; key++) trace.insert(key, key);
  await store.finishMerges();
  const loads: StoreEvents["load"][] = [];
  store.on("load", (load) => loads.push(load));
  return { store, trace, loads };
}

const sumOf = (loads: readonly StoreEvents["load"][]): { slots: number; bytes: number } =>
  loads.reduce((sum, { slots, bytes }) => ({ slots: sum.slots + slots, bytes: sum.bytes + bytes }), {
    slots: 0,
    bytes: 0,
  });

describe("the event load", () => {
  it("R10 tells what look-ups bring, once for all that one brings at a time, and nothing of what is in memory", async () => {
    const { store, trace, loads } = await openFilled(false);
    await trace.getMany([1, 100_000, 199_999]);
    expect(loads).toEqual([]);
    await store.spill();
    await trace.getMany([1, 100_000, 199_999]);
    // One of the filters, and one of the rows.
    expect(loads.length).toBeLessThanOrEqual(2);
    expect(Math.max(...loads.map(({ slots }) => slots))).toBe(3);
    const { misses, bytesRead } = store.stats().cache;
    expect(sumOf(loads)).toEqual({ slots: misses, bytes: bytesRead });
    const count = loads.length;
    await trace.getMany([1, 100_000, 199_999]);
    expect(loads).toHaveLength(count);
    await store.close();
  });

  it("R10 adds up to what the cache has missed, of snapshots, loops and merges too", async () => {
    const { store, trace, loads } = await openFilled();
    await store.spill();
    const snapshot = trace.snapshot();
    expect(snapshot.get(7)).toHaveLength(1);
    snapshot.close();
    // Events are told in a microtask.
    await Promise.resolve();
    const afterLookUp = loads.length;
    let rows = 0;
    for await (const chunk of trace.chunks()) rows += chunk.length;
    const afterLoop = loads.length;
    for (let key = 0; key < 200_000; key += 2) trace.insert(key, key);
    await store.spill();
    await store.compact();
    expect(rows).toBe(200_000);
    expect(afterLookUp).toBeGreaterThan(0);
    expect(afterLoop).toBeGreaterThan(afterLookUp);
    expect(loads.length).toBeGreaterThan(afterLoop);
    const { misses, bytesRead } = store.stats().cache;
    expect(sumOf(loads)).toEqual({ slots: misses, bytes: bytesRead });
    await store.close();
  });
});

describe("what a placement is told", () => {
  it("R16 is as use the rows that were written, not their bytes, and the slots that were looked into", async () => {
    const placement = pressing(100_000_000, { looks: 0, pressed: 0 });
    const uses: number[] = [];
    const enter: typeof placement.enter = (onChange) => {
      const seat = placement.enter(onChange);
      const allow: typeof seat.allow = (occupancy) => {
        uses.push(occupancy.use);
        return seat.allow(occupancy);
      };
      return { ...seat, allow };
    };
    const store = await openStore({ backend: placedBackend(memory(), { ...placement, enter }) });
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    for (let key = 0; key < 1000; key++) trace.insert(key, "of some length ".repeat(20));
    await store.spill({ bytes: 0 });
    expect(uses.reduce((sum, use) => sum + use, 0)).toBe(1000);
    uses.length = 0;
    for (let look = 0; look < 5; look++) await trace.get(7);
    await store.spill({ bytes: 0 });
    const looked = uses.reduce((sum, use) => sum + use, 0);
    expect(looked).toBeGreaterThan(0);
    expect(looked).toBeLessThanOrEqual(5);
    await store.close();
  });
});

describe("spill({ onProgress })", () => {
  it("R8 R10 tells after each slot what has left memory and what is left, down to nothing", async () => {
    const { store } = await openFilled();
    const told: SpillProgress[] = [];
    const left = await store.spill({ onProgress: (progress) => told.push(progress) });
    expect(told.length).toBeGreaterThan(store.stats().spills);
    expect(told.at(-1)).toEqual({ bytes: left, bytesLeft: 0 });
    expect(told.map(({ bytes }) => bytes)).toEqual(told.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
    expect(told[0]!.bytesLeft).toBeGreaterThan(0);
    await store.close();
  });

  it("R8 leaves no more than was asked for, as it tells", async () => {
    const { store } = await openFilled();
    const told: SpillProgress[] = [];
    const left = await store.spill({ bytes: 1_000_000, onProgress: (progress) => told.push(progress) });
    expect(left).toBeGreaterThanOrEqual(1_000_000);
    expect(told[0]!.bytes + told[0]!.bytesLeft).toBe(1_000_000);
    await store.close();
  });

  it("R8 rejects with what onProgress throws, and is refused for what cannot be called; nothing is lost", async () => {
    const { store, trace } = await openFilled();
    const failure = new Error("thrown by onProgress");
    const throwing = (): void => {
      throw failure;
    };
    await expect(store.spill({ onProgress: throwing })).rejects.toBe(failure);
    const refused = store.spill({ onProgress: 7 as never });
    await expect(refused).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["spill", "onProgress"],
    });
    expect((await trace.count()).rows).toBe(200_000);
    await store.spill();
    expect(store.stats().placement).toMatchObject({ hotBytes: 0, warmBytes: 0 });
    await store.close();
  });
});
