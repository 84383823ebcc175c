import { createBudget } from "@zspine/backend-hybrid";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { placedBackend } from "../placed/pressing.ts";
import { retainedPlaces } from "../retained-places.ts";
import { reach } from "./reached.ts";

const ROWS = 20_000;

interface Opened {
  readonly store: Store;
  readonly trace: Trace<number, number>;
}

/** A store of three slots that all lie in the backend alone. */
async function open(cacheBytes?: number): Promise<Opened> {
  const store = await openStore({ backend: retainedPlaces().opener("place"), cacheBytes });
  const trace = await store.trace("rows", { key: z.int32(), value: z.int32() });
  // No two values a step apart, so that they take some bytes each.
  const key = Int32Array.from({ length: ROWS }, (_, at) => at);
  trace.insertBatch({ key, value: key.map((at) => Math.imul(at, 0x9e3779b1)) });
  await store.commit();
  await store.compact();
  const { spiller } = tierOf(store);
  for (const slot of slotsOf(store)) spiller!.drop(slot);
  return { store, trace };
}

function slotsOf(store: Store) {
  return tierOf(store)
    .traces()[0]!
    .stages.entries.flatMap(({ batch }) => batch.slots);
}

const valueOf = (key: number): number => Math.imul(key, 0x9e3779b1);

async function lookUp({ get }: { get(key: number): unknown }, keys: readonly number[]): Promise<void> {
  for (const key of keys) expect(await get(key)).toEqual([{ value: valueOf(key), weight: 1 }]);
}

const near = (count: number): number[] => Array.from({ length: count }, (_, key) => key);

describe("packed slots", () => {
  it("take fewer bytes than rows, and are decoded where there is room once look-ups are many", async () => {
    const { store, trace } = await open();
    const slot = slotsOf(store)[0]!;
    await lookUp({ get: (key) => trace.get(key) }, near(10));
    expect(slot.part).toBeUndefined();
    expect(slot.packed!.bytes).toBeLessThan(slot.bytes / 2);
    expect(store.stats().memory.cached).toBe(slot.packed!.bytes);
    await lookUp({ get: (key) => trace.get(key) }, near(100));
    expect([slot.part?.weights.length, slot.packed]).toEqual([slot.rows, undefined]);
    expect(store.stats().memory.cached).toBe(slot.bytes);
    await store.close();
  });

  it("stay packed, however many look-ups are, where something would have to leave memory", async () => {
    const cacheBytes = 100_000;
    const { store, trace } = await open(cacheBytes);
    const slots = slotsOf(store);
    for (let round = 0; round < 3; round++) {
      await lookUp({ get: (key) => trace.get(key) }, near(200));
      await lookUp({ get: (key) => trace.get(key) }, [ROWS - 1, ROWS / 2]);
      expect(store.stats().cache.bytes).toBeLessThanOrEqual(cacheBytes);
    }
    expect(slots.map(({ part }) => part)).toEqual(slots.map(() => undefined));
    await store.close();
  });

  it("are decoded in the place of others where most of all look-ups are in them", async () => {
    const { store, trace } = await open(250_000);
    const [hot, , cold] = slotsOf(store);
    for (let round = 0; round < 5; round++) {
      await lookUp({ get: (key) => trace.get(key) }, near(100));
      await lookUp({ get: (key) => trace.get(key) }, [ROWS / 2, ROWS - 1]);
    }
    expect(hot!.part?.weights.length).toBe(hot!.rows);
    expect(cold!.part).toBeUndefined();
    await store.close();
  });

  it("are asked for their filter once keys were not among them often enough, and not where most are", async () => {
    const { store } = await open(150_000);
    const key = Int32Array.from({ length: ROWS }, (_, at) => (at + 1) * 100_000);
    const sparse = await store.trace("sparse", { key: z.int32(), value: z.int32() });
    sparse.insertBatch({ key, value: key });
    await store.commit();
    const slot = tierOf(store).traces()[1]!.stages.entries[0]!.batch.slots[0]!;
    tierOf(store).spiller!.drop(slot);
    const rows = slot.rows;
    const isThere = async (at: number, off: number): Promise<boolean> => sparse.has(key[at]! + off);
    for (let at = 0; at < 200; at++)
      expect(await isThere(at % rows, at % 4 === 0 ? 1 : 0)).toBe(at % 4 !== 0);
    expect([slot.filter, slot.packed === undefined]).toEqual([undefined, false]);
    for (let at = 0; at < 40; at++) expect(await isThere(at, 1)).toBe(false);
    expect(slot.filter).toBeDefined();
    const { filtered } = store.stats().traces["sparse"]!.lookups;
    for (let at = 0; at < 40; at++) expect(await isThere(at, 1)).toBe(false);
    expect(store.stats().traces["sparse"]!.lookups.filtered).toBeGreaterThan(filtered + 30);
    await store.close();
  });

  it("are not kept decoded by who has looked into them", async () => {
    const { store, trace } = await open();
    await trace.getMany([0, ROWS - 1]);
    const snapshot = trace.snapshot();
    for (const key of near(100)) expect(snapshot.get(key)).toHaveLength(1);
    const slot = slotsOf(store)[0]!;
    const { part } = slot;
    expect(part).toBeDefined();
    expect(tierOf(store).spiller!.drop(slot)).toBe(true);
    // What was found last stays for the next look-up.
    snapshot.get(ROWS - 1);
    expect(reach(snapshot).things.has(part!)).toBe(false);
    snapshot.close();
    await store.close();
  });

  it("give many keys of one call at a time, with no room at all too", async () => {
    for (const cacheBytes of [0, 50_000, undefined]) {
      const { store, trace } = await open(cacheBytes);
      const keys = [...near(500), ROWS, ROWS - 1, -1];
      const found = await trace.getMany(keys);
      keys.forEach((key, at) => {
        const isThere = key >= 0 && key < ROWS;
        expect(found[at]).toEqual(isThere ? [{ value: valueOf(key), weight: 1 }] : []);
      });
      await store.close();
    }
  });

  it("R3 are brought for many keys of one call by as many as its part of a budget has room for", async () => {
    let most = 0;
    const noted = async <T>(work: () => Promise<T>): Promise<T> => {
      most = Math.max(most, tierOf(store).ledger.count().total);
      return work();
    };
    const inner = memory({ preferredValueBytes: 256 * 1024 });
    const { getSync: _, ...forwarded } = forward(inner);
    const backend = {
      ...forwarded,
      get: (...args: Parameters<Backend["get"]>) => noted(() => inner.get(...args)),
    };
    const placement = createBudget({ bytes: 2 ** 22, policy: "fixed" });
    const store: Store = await openStore({ backend: placedBackend(backend, placement) });
    const trace = await store.trace("rows", { key: z.int32(), value: z.string() });
    const text = (key: number): string => `${valueOf(key)} `.repeat(20);
    for (let key = 0; key < 100_000; key++) {
      trace.insert(key, text(key));
      if (key % 1000 === 0) await store.room();
    }
    await store.commit();
    await store.compact();
    await store.spill();
    most = 0;
    const keys = near(500).map((at) => at * 200);
    const found = await trace.getMany(keys);
    expect(found).toEqual(keys.map((key) => [{ value: text(key), weight: 1 }]));
    expect(most).toBeLessThan(2 ** 22 + 2 ** 20);
    await store.close();
  });
});
