import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const SCHEMAS = { key: z.int32(), value: z.int32() };
const NEVER = { name: "never", choose: () => undefined };

describe("has()", () => {
  it("adds up the rows of a key, few or many, of all batches", async () => {
    for (const values of [1, 5, 40]) {
      await using store = await openStore({ strategy: NEVER });
      const trace = await store.trace("t", SCHEMAS);
      const insert = async (weight: number, count: number): Promise<void> => {
        for (let value = 0; value < count; value++) trace.insert(7, value, weight);
        await store.commit();
      };
      await insert(1, values);
      expect(await trace.has(7)).toBe(true);
      await insert(-1, values);
      expect(await trace.has(7)).toBe(false);
      await insert(1, 1);
      expect(await trace.has(7)).toBe(true);
      expect(trace.stats().batches).toBe(3);
    }
  });
});

describe("get() of rows that are not in memory", () => {
  it("finds each of the keys whose first 300 bytes are the same, whichever block it is in", async () => {
    await using store = await openStore({ backend: retainedPlaces().opener("a"), cacheBytes: 0 });
    const trace = await store.trace("t", { key: z.string(), value: z.int32() });
    const keyOf = (n: number): string => "x".repeat(300) + String(n).padStart(6, "0");
    for (let n = 0; n < 4000; n++) trace.insert(keyOf(n * 2), n);
    await store.commit();
    await store.compact();
    const asked = Array.from({ length: 270 }, (_, at) => at * 31);
    const expected = asked.map((n) => (n % 2 === 0 && n < 8000 ? [{ value: n / 2, weight: 1 }] : []));
    const keys = asked.map(keyOf);
    for (const [at, key] of keys.entries()) expect(await trace.get(key)).toEqual(expected[at]);
    expect(await trace.getMany(keys)).toEqual(expected);
  });
});

describe("getMany()", () => {
  it("looks each key up once", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    for (let key = 0; key < 100; key++) trace.insert(key, key);
    await store.commit();
    const keys = [5, 6, 9, 70];
    for (const asked of [keys, keys.toReversed()]) {
      const before = trace.stats().lookups;
      expect(await trace.getMany(asked)).toEqual(asked.map((value) => [{ value, weight: 1 }]));
      const { searched, indexed, filtered } = trace.stats().lookups;
      expect([searched - before.searched, indexed, filtered]).toEqual([keys.length, 0, 0]);
    }
  });
});
