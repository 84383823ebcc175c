import { describe, expect, it } from "vitest";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { countVisits, nodesOf } from "./trie-inspection.ts";

const seed = { k0: 1, k1: 2 };

function numbers(count: number, start = 0): PersistentMap<number, number> {
  return PersistentMap.from(
    Array.from({ length: count }, (_, i) => [start + i, start + i] as const),
    { seed },
  );
}

function sorted<V>(map: PersistentMap<number, V>): [number, V][] {
  return [...map].sort((a, b) => a[0] - b[0]);
}

describe("PersistentMap, two at a time", () => {
  it("G2 unionWith() resolves what both have and keeps what one has", () => {
    const union = numbers(3).unionWith(numbers(3, 1), (a, b, key) => a + b + key * 100);
    expect(sorted(union)).toEqual([
      [0, 0],
      [1, 102],
      [2, 204],
      [3, 3],
    ]);
  });

  it("G2 unionWith() of a map and itself applies resolve", () => {
    const map = numbers(1000);
    expect(map.unionWith(map, (a, b) => a + b).equals(map.map((value) => value * 2))).toBe(true);
    expect(map.unionWithV(map, () => undefined).size).toBe(0);
  });

  it("G2 unionWithV() adds Z-sets and drops zeros", () => {
    const add = (a: number, b: number) => (a + b === 0 ? undefined : a + b);
    const a = PersistentMap.from(
      [
        ["x", 1],
        ["y", 2],
        ["z", -1],
      ],
      { seed },
    );
    const b = PersistentMap.from(
      [
        ["x", -1],
        ["y", 1],
        ["w", 5],
      ],
      { seed },
    );
    expect([...a.unionWithV(b, add)].sort()).toEqual([
      ["w", 5],
      ["y", 3],
      ["z", -1],
    ]);
    expect(
      a.unionWithV(
        a.map((weight) => -weight),
        add,
      ).size,
    ).toBe(0);
  });

  it("G2 union() takes the other's value, and returns a side that is the result", () => {
    const map = numbers(1000);
    const empty = map.filter(() => false);
    expect(map.union(map.map((value) => -value)).get(5)).toBe(-5);
    expect(map.union(map)).toBe(map);
    expect(map.union(empty)).toBe(map);
    expect(empty.union(map).root).toBe(map.root);
    expect(map.union(numbers(10))).toBe(map);
  });

  it("G2 union() visits only what the two do not share, and shares it with the result", () => {
    const map = numbers(100_000);
    let other = map;
    for (let i = 0; i < 10; i++) other = other.set(i * 9999, -1).set(-1 - i, i);
    const before = new Set([...nodesOf(map), ...nodesOf(other)]);
    let union = map;
    const visits = countVisits([map, other], () => (union = map.union(other)));
    expect(visits).toBeLessThanOrEqual(2 * 20 * 7);
    expect(union.equals(other)).toBe(true);
    expect([...nodesOf(union)].filter((node) => !before.has(node)).length).toBeLessThanOrEqual(20 * 7);
  });

  it("G2 unionWith() shares the subtrees that only one side has", () => {
    const map = numbers(100_000);
    const few = numbers(10, 1_000_000);
    const before = nodesOf(map);
    let union = map;
    const visits = countVisits([map], () => (union = map.unionWith(few, (a, b) => a + b)));
    expect(visits).toBeLessThanOrEqual(10 * 7);
    expect(union.size).toBe(100_010);
    expect([...nodesOf(union)].filter((node) => !before.has(node)).length).toBeLessThanOrEqual(10 * 7);
  });

  it("G2 unionWith() meets a map of another seed or equality by value", () => {
    const other = PersistentMap.from(numbers(100), { seed: { k0: 8, k1: 9 } });
    const union = numbers(100, 50).unionWith(other, (a, b) => a + b);
    expect([union.size, union.get(0), union.get(60), union.get(149)]).toEqual([150, 0, 120, 149]);
  });

  it("G4 intersect() keeps this map's values of the keys that both have", () => {
    const map = numbers(10).map((value) => `${value}`);
    expect(sorted(map.intersect(numbers(3, 8)))).toEqual([
      [8, "8"],
      [9, "9"],
    ]);
    expect(map.intersect(map)).toBe(map);
  });

  it("G4 intersectWith() resolves the values of the keys that both have", () => {
    const both = numbers(10).intersectWith(numbers(3, 8), (a, b, key) => `${a}${b}${key}`);
    expect(sorted(both)).toEqual([
      [8, "888"],
      [9, "999"],
    ]);
  });

  it("G4 intersect() with a few keys visits only their paths", () => {
    const map = numbers(100_000);
    const few = numbers(10, 500);
    expect(countVisits([map], () => expect(map.intersect(few).size).toBe(10))).toBeLessThanOrEqual(10 * 7);
    expect(countVisits([map], () => expect(few.intersect(map).size).toBe(10))).toBeLessThanOrEqual(10 * 7);
  });

  it("G4 difference() keeps the keys that only this map has, and skips what is shared", () => {
    expect(sorted(numbers(4).difference(numbers(9, 2)))).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const map = numbers(100_000);
    const more = map.set(-1, 0).set(-2, 0);
    const visits = countVisits([map, more], () => expect(more.difference(map).size).toBe(2));
    expect(visits).toBeLessThanOrEqual(2 * 2 * 7);
  });

  it("G4 map2() and choose2() see every key of either map once, with undefined for an absent value", () => {
    const left = numbers(2);
    const right = numbers(2, 1).map((value) => `${value}`);
    const see = (a: number | undefined, b: string | undefined, key: number) => `${key}:${a}/${b}`;
    expect(sorted(left.map2(right, see))).toEqual([
      [0, "0:0/undefined"],
      [1, "1:1/1"],
      [2, "2:undefined/2"],
    ]);
    expect(sorted(left.choose2(right, (a, b, key) => (key === 1 ? undefined : see(a, b, key))))).toEqual([
      [0, "0:0/undefined"],
      [2, "2:undefined/2"],
    ]);
    expect(left.map2(right, () => undefined).size).toBe(3);
  });
});
