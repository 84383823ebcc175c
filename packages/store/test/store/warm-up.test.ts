import { Slot } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type StoreOptions, type Trace } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { decodeWarmList, encodeWarmList, WARM_PREFIX, warmKey } from "../../src/tier/warm-list.ts";
import { retainedPlaces } from "../retained-places.ts";
import { IDENTITY, numbers, partOf } from "../block/samples.ts";

const ROWS = 400_000;
const SCHEMAS = { key: z.int32(), value: z.int32() };
/** Of every eighth block or so. */
const HOT = Array.from({ length: 200 }, (_, at) => at * 2000);

type Places = ReturnType<typeof retainedPlaces>;

async function open(
  places: Places,
  options: StoreOptions = {},
): Promise<{ store: Store; trace: Trace<number, number> }> {
  const store = await openStore({ backend: places.opener("place"), ...options });
  return { store, trace: await store.trace("rows", SCHEMAS) };
}

/** A place with a store of many rows that is closed, in one batch. */
async function filled(): Promise<Places> {
  const places = retainedPlaces();
  const { store, trace } = await open(places);
  const key = Int32Array.from({ length: ROWS }, (_, at) => at);
  trace.insertBatch({ key, value: key });
  await store.commit();
  await store.compact();
  await store.close();
  return places;
}

/** Looks keys up one by one, each right. */
async function lookUp(trace: Trace<number, number>, keys: readonly number[]): Promise<void> {
  for (const key of keys) expect(await trace.get(key)).toEqual([{ value: key, weight: 1 }]);
}

/** Waits until nothing is brought any more. */
async function warmed(store: Store): Promise<number> {
  let before = -1;
  for (let turns = 0; turns < 10_000; turns++) {
    const { misses } = store.stats().cache;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (misses === before) return misses;
    before = misses;
  }
  throw new Error("a warm-up has no end");
}

async function listsOf(places: Places): Promise<string[]> {
  await using backend = await places.opener("place").open();
  const names: string[] = [];
  for await (const name of backend.list(WARM_PREFIX)) names.push(name);
  return names;
}

describe("R18 MT12 a store that is opened again", () => {
  it("has in memory what look-ups used before it was closed", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, HOT);
    await first.store.close();
    expect(await listsOf(places)).toHaveLength(1);

    const { store, trace } = await open(places);
    expect(await warmed(store)).toBeGreaterThan(10);
    const { misses } = store.stats().cache;
    await lookUp(trace, HOT);
    expect(store.stats().cache.misses).toBe(misses);
    expect(store.recovery).toMatchObject({ orphans: 0, problems: [] });
    await store.close();
    expect(await listsOf(places)).toHaveLength(1);
  });

  it("begins with what was used last, and drives nothing out", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, [...HOT].reverse());
    await first.store.close();

    const cacheBytes = 40_000;
    const { store, trace } = await open(places, { cacheBytes });
    await warmed(store);
    const { bytes, misses } = store.stats().cache;
    expect(bytes).toBeGreaterThan(cacheBytes / 2);
    expect(bytes).toBeLessThanOrEqual(cacheBytes);
    await lookUp(trace, HOT.slice(0, 10));
    expect(store.stats().cache.misses).toBe(misses);
    await store.close();
  });

  it("finds the list of the last close after a process that was killed", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, HOT);
    await first.store.close();
    // Never closed.
    const killed = await open(places);
    killed.trace.insert(-1, -1);
    await killed.store.commit();
    places.crash("place");

    const { store, trace } = await open(places);
    expect(await warmed(store)).toBeGreaterThan(10);
    await lookUp(trace, [...HOT, -1]);
    await store.close();
  });

  it("is as it was without a list that is damaged, and leaves another", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, HOT);
    await first.store.close();
    const [name] = await listsOf(places);
    {
      await using backend = await places.opener("place").open();
      const bytes = (await backend.get(name!))!.slice();
      bytes[50]! ^= 1;
      await backend.write([{ type: "remove", name: name! }]);
      await backend.write([{ type: "put", name: name!, bytes }]);
    }
    const { store, trace } = await open(places);
    expect(await warmed(store)).toBe(0);
    await lookUp(trace, HOT);
    await store.close();
    expect(await listsOf(places)).not.toContain(name);
    const again = await open(places);
    expect(await warmed(again.store)).toBeGreaterThan(10);
    await again.store.close();
  });

  it("leaves no list of little, and removes one that says nothing any more", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, HOT);
    await first.store.close();
    const second = await open(places);
    await second.store.drop("rows");
    await second.store.close();
    expect(await listsOf(places)).toEqual([]);
    const third = await openStore({ backend: places.opener("place") });
    const few = await third.trace("few", { ...SCHEMAS, create: true });
    few.insert(1, 1);
    await third.commit();
    await few.get(1);
    await third.close();
    expect(await listsOf(places)).toEqual([]);
  });

  it("is closed while it warms up", async () => {
    const places = await filled();
    const first = await open(places);
    await lookUp(first.trace, HOT);
    await first.store.close();
    const { store } = await open(places);
    const { ledger } = tierOf(store);
    await store.close();
    expect(ledger.bytes).toBe(0);
  });
});

describe("a list of warm slots", () => {
  it("is read as it was written, in order", () => {
    const slots = [3, 1, 2].map((number) => {
      const slot = Slot.of(partOf([numbers([number])]));
      const home = { blob: "b", blobBytes: 1, offset: 0, length: 1, checksum: 0, filterLength: 0 };
      const fence = { part: slot.lowerPart, row: 0 };
      slot.settle({ ...home, identity: { writer: 0xffffffff, batch: number, number } }, fence, fence);
      slot.heat = number * 50_000;
      return slot;
    });
    const heats = decodeWarmList(encodeWarmList(slots, IDENTITY), IDENTITY);
    const expected = [3, 1, 2].map((number) => [
      warmKey({ writer: 0xffffffff, batch: number, number }),
      Math.min(65535, number * 50_000),
    ]);
    expect([...heats]).toEqual(expected);
    expect(() => decodeWarmList(encodeWarmList(slots, IDENTITY), { ...IDENTITY, batch: 9 })).toThrow(
      "a list of warm slots",
    );
  });
});
