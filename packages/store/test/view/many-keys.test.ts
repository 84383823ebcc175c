import { ZSet } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };

describe("semijoin() of a snapshot of rows that are not in memory", () => {
  it("gives the rows of the keys, of however many slots", async () => {
    await using store = await openStore({ backend: retainedPlaces().opener("a"), cacheBytes: 0 });
    const trace = await store.trace("t", SCHEMAS);
    // So large that each lies in a slot of its own.
    const value = "x".repeat(140_000);
    for (let key = 0; key < 80; key++) trace.insert(key * 2, value, 1);
    await store.commit();
    await store.compact();
    using snapshot = trace.snapshot();
    for (const step of [1, 2, 7]) {
      const keys = Array.from({ length: Math.ceil(160 / step) }, (_, n) => n * step);
      const found = snapshot.semijoin(
        ZSet.from(
          SCHEMAS.key,
          keys.map((item) => ({ item, weight: 3 })),
        ),
      );
      expect([...found].map(({ key, weight }) => [key, weight])).toEqual(
        keys.filter((key) => key % 2 === 0).map((key) => [key, 3]),
      );
    }
  });
});

describe("semijoin() and getMany() of a snapshot", () => {
  it("add up the rows of a key in all batches and in what is staged, few or many, of sparse keys and dense ones", async () => {
    await using store = await openStore({ strategy: { name: "never", choose: () => undefined } });
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const weights = new Map<number, Map<number, number>>();
    const insert = (key: number, value: number, weight: number): void => {
      trace.insert(key, value, weight);
      const values = weights.get(key) ?? new Map<number, number>();
      weights.set(key, values.set(value, (values.get(value) ?? 0) + weight));
    };
    // Key 70 has more rows than are added up without a merge, in each batch; every tenth row comes to nothing.
    for (const [weight, first] of [[1, 0] as const, [2, 500] as const, [-1, 0] as const]) {
      for (let n = first; n < 20_000; n += weight === -1 ? 10 : 1) insert(n % 7000, n, weight);
      for (let value = 0; value < 60; value++) insert(70, value * 3 + first, weight);
      if (weight > 0) await store.commit();
    }
    using snapshot = trace.snapshot();
    for (const step of [1, 3, 700, 6999]) {
      const keys = Array.from({ length: Math.ceil(8000 / step) }, (_, n) => n * step);
      const rowsOf = (key: number): (readonly [number, number])[] =>
        [...(weights.get(key) ?? [])].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
      // Twice, and before an index is made of the look-ups and after it.
      for (let time = 0; time < 2; time++) {
        const found = snapshot.semijoin(
          ZSet.from(
            z.int32(),
            keys.map((item) => ({ item, weight: item % 3 === 0 ? -2 : 1 })),
          ),
        );
        expect([...found].map(({ key, value, weight }) => [key, value, weight])).toEqual(
          keys.flatMap((key) =>
            rowsOf(key).map(([value, weight]) => [key, value, weight * (key % 3 === 0 ? -2 : 1)]),
          ),
        );
        const asked = keys.toReversed();
        expect(snapshot.getMany(asked)).toEqual(
          asked.map((key) => rowsOf(key).map(([value, weight]) => ({ value, weight }))),
        );
      }
      for (let key = 0; key < 2000; key++) snapshot.has(key);
    }
    expect(trace.stats().lookups.indexed).toBeGreaterThan(0);
  });

  it("multiply sums, which may be in range where products are not", async () => {
    await using store = await openStore({ strategy: { name: "never", choose: () => undefined } });
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const large = 2 ** 52;
    for (const weight of [large, 1 - large]) {
      trace.insert(1, 1, weight);
      await store.commit();
    }
    using snapshot = trace.snapshot();
    const keysOf = (weight: number): ZSet<number> => ZSet.from(z.int32(), [{ item: 1, weight }]);
    expect([...snapshot.semijoin(keysOf(3))]).toEqual([{ key: 1, value: 1, weight: 3 }]);
    trace.insert(1, 1, large);
    using after = trace.snapshot();
    expect(() => after.semijoin(keysOf(3))).toThrow(expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }));
    expect([...after.semijoin(keysOf(1))]).toEqual([{ key: 1, value: 1, weight: large + 1 }]);
  });
});
