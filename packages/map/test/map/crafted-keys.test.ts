import { describe, expect, it } from "vitest";
import type { HashSeed } from "@zspine/core/engine";
import type { KeyEquality } from "../../src/equality/key-equality.ts";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { structuralEquality } from "../../src/equality/structural-equality.ts";

const known: HashSeed = { k0: 0xc0ffee, k1: 0xbadcab };
const secret: HashSeed = { k0: 0x5eed5eed, k1: 0x0ddba11 };

/** Finds pairs of keys that collide under `seed`, among the first `count`, as who knows the seed would. */
function collide<K>(keyOf: (i: number) => K, count: number, seed: HashSeed): [K, K][] {
  const keyOfHash = new Map<number, K>();
  const pairs: [K, K][] = [];
  for (let i = 0; i < count; i++) {
    const key = keyOf(i);
    const hash = structuralEquality.hash(key, seed) | 0;
    const earlier = keyOfHash.get(hash);
    if (earlier === undefined) keyOfHash.set(hash, key);
    else pairs.push([earlier, key]);
  }
  return pairs;
}

/** Counts the comparisons that it takes to build a map of `keys` and look each of them up. */
function countComparisons<K>(keys: readonly K[], equality: KeyEquality<K>, seed: HashSeed): number {
  let comparisons = 0;
  const counting: KeyEquality<K> = {
    hash: (key, keySeed) => equality.hash(key, keySeed),
    equals: (a, b) => {
      comparisons++;
      return equality.equals(a, b);
    },
  };
  let map = PersistentMap.empty<K, number>({ equality: counting, seed });
  for (const key of keys) map = map.set(key, 1);
  for (const key of keys) map.get(key);
  return comparisons;
}

describe("crafted keys", () => {
  it("G7 hash() of strings that collide under one seed differs under another", () => {
    const pairs = collide((i) => `user-${i}`, 300_000, known);
    expect(pairs.length).toBeGreaterThan(3);
    for (const [a, b] of pairs) {
      expect(structuralEquality.hash(a, known) | 0).toBe(structuralEquality.hash(b, known) | 0);
      expect(structuralEquality.hash(a, secret) | 0).not.toBe(structuralEquality.hash(b, secret) | 0);
    }
  });

  it("G7 hash() of composite keys and fractions that collide under one seed differs under another", () => {
    for (const keyOf of [
      (i: number) => ({ id: i, tag: "t" }),
      (i: number) => i + 0.5,
      (i: number) => BigInt(i),
    ]) {
      const pairs = collide<unknown>(keyOf, 200_000, known);
      expect(pairs.length).toBeGreaterThan(0);
      for (const [a, b] of pairs) {
        expect(structuralEquality.hash(a, secret) | 0).not.toBe(structuralEquality.hash(b, secret) | 0);
      }
    }
  });

  it("G7 a map whose keys were crafted against an unseeded hash stays fast with a seeded one", () => {
    // "Aa" and "BB" have one hash in Java's String.hashCode, and so has every sequence of these.
    const unseeded: KeyEquality<string> = {
      hash: (key) => [...key].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, 0),
      equals: (a, b) => a === b,
    };
    const crafted = Array.from({ length: 512 }, (_, i) =>
      Array.from({ length: 9 }, (__, bit) => ((i >> bit) & 1 ? "Aa" : "BB")).join(""),
    );
    expect(new Set(crafted.map((key) => unseeded.hash(key, known))).size).toBe(1);
    expect(countComparisons(crafted, unseeded, secret)).toBeGreaterThan((512 * 512) / 2);
    expect(countComparisons(crafted, structuralEquality, secret)).toBeLessThan(512 * 3);
  });
});
