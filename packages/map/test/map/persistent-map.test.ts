import { describe, expect, it } from "vitest";
import type { KeyEquality } from "../../src/equality/key-equality.ts";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { countVisits, expectCanonical, nodesOf, shapeOf } from "../trie/trie-inspection.ts";

const seed = { k0: 1, k1: 2 };

function numbers(count: number, start = 0): PersistentMap<number, number> {
  return PersistentMap.from(
    Array.from({ length: count }, (_, i) => [start + i, i] as const),
    { seed },
  );
}

const constantHash: KeyEquality<string> = { hash: () => 7, equals: (a, b) => a === b };

describe("PersistentMap", () => {
  it("G1 get(), has() and size read what set() wrote, and the old map stays as it was", () => {
    const empty = PersistentMap.empty<string, number>({ seed });
    const one = empty.set("a", 1);
    const two = one.set("b", 2).set("a", 3);
    expect([empty.size, one.size, two.size]).toEqual([0, 1, 2]);
    expect([one.get("a"), two.get("a"), two.get("b"), one.get("b")]).toEqual([1, 3, 2, undefined]);
    expect([one.has("a"), one.has("b")]).toEqual([true, false]);
  });

  it("takes an option that is undefined for one that is left out", () => {
    const map = PersistentMap.from([["a", 1]], { seed: undefined, equality: undefined, random: undefined });
    expect(map.get("a")).toBe(1);
  });

  it("G1 set() of the value that is there and remove() of an absent key return the map itself", () => {
    const map = numbers(1000);
    expect(map.set(5, 5)).toBe(map);
    expect(map.remove(-1)).toBe(map);
    expect(map.set(5, 6)).not.toBe(map);
  });

  it("G1 set() keeps a value that is undefined apart from an absent one", () => {
    const map = PersistentMap.empty<string, undefined>({ seed }).set("a", undefined);
    expect([map.size, map.has("a"), map.get("a")]).toEqual([1, true, undefined]);
    expect(map.tryRemove("a")?.[0]).toBe(undefined);
    expect(map.tryRemove("a")?.[1].size).toBe(0);
  });

  it("G1 set() of an equal key keeps the first key object", () => {
    const first = { a: 1 };
    const map = PersistentMap.empty<{ a: number }, string>({ seed }).set(first, "x").set({ a: 1 }, "y");
    expect([...map]).toEqual([[first, "y"]]);
    expect([...map.keys()][0]).toBe(first);
  });

  it("G1 tryRemove() returns the value and the rest, or undefined where the key is absent", () => {
    const map = numbers(3);
    const removed = map.tryRemove(1);
    expect(removed?.[0]).toBe(1);
    expect(removed?.[1].equals(map.remove(1))).toBe(true);
    expect(map.tryRemove(9)).toBe(undefined);
  });

  it("G1 alter() sets, changes or removes by what it is given", () => {
    const map = PersistentMap.from([["a", 1]], { seed });
    expect(map.alter("a", (value) => (value ?? 0) + 1).get("a")).toBe(2);
    expect(map.alter("b", (value) => (value ?? 0) + 1).get("b")).toBe(1);
    expect(map.alter("a", () => undefined).size).toBe(0);
    expect(map.alter("b", () => undefined)).toBe(map);
  });

  it("G1 update() sets what the change makes of the value", () => {
    const map = PersistentMap.from([["a", 1]], { seed });
    expect([...map.update("a", (value) => (value ?? 0) + 1).update("b", (value) => value ?? 9)]).toEqual(
      expect.arrayContaining([
        ["a", 2],
        ["b", 9],
      ]),
    );
  });

  it("G1 get() visits at most seven nodes of a hundred thousand keys, and size one", () => {
    const map = numbers(100_000);
    const nodes = nodesOf(map).size;
    expect(nodes).toBeGreaterThan(10_000);
    expect(countVisits([map], () => map.get(77_777))).toBeLessThanOrEqual(7);
    expect(countVisits([map], () => map.size)).toBeLessThanOrEqual(1);
  });

  it("G1 set() shares with the old map all nodes but one path", () => {
    const map = numbers(100_000);
    const before = nodesOf(map);
    const fresh = [...nodesOf(map.set(-1, 0))].filter((node) => !before.has(node));
    expect(fresh.length).toBeLessThanOrEqual(7);
  });

  it("G4 keys() has every key, shares all nodes and visits none to be made", () => {
    const map = numbers(1000);
    expect(countVisits([map], () => map.keys().size)).toBe(0);
    const keys = map.keys();
    expect([keys.size, keys.has(5), keys.has(1000)]).toEqual([1000, true, false]);
    expect([...keys].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it("G4 keys() are equal when the keys are, whatever the values, seeds or order of building", () => {
    const map = numbers(100);
    const other = PersistentMap.from([...map].reverse(), { seed: { k0: 3, k1: 4 } });
    expect(map.keys().equals(map.map(() => "x").keys())).toBe(true);
    expect(map.keys().equals(other.keys())).toBe(true);
    expect(map.keys().equals(other.remove(1).keys())).toBe(false);
    expect(map.keys().equals(other.remove(1).set(100, 1).keys())).toBe(false);
    expect(map.keys().equals(map.remove(1).set(100, 1).keys())).toBe(false);
  });

  it("G4 equals() compares by value and visits nothing that is shared", () => {
    const map = numbers(100_000);
    const twin = numbers(100_000);
    expect(map.equals(twin)).toBe(true);
    expect(map.equals(twin.set(5, 6))).toBe(false);
    expect(map.equals(twin.remove(5).set(-5, 5))).toBe(false);
    const changed = map.set(5, 6);
    const changedBack = changed.set(5, 5);
    expect(
      countVisits([map, changedBack], () => expect(map.equals(changedBack)).toBe(true)),
    ).toBeLessThanOrEqual(14);
    expect(countVisits([map], () => expect(map.equals(map)).toBe(true))).toBe(0);
  });

  it("G4 equals() compares composite values by value, or as it is told", () => {
    const a = PersistentMap.from([["k", { x: [1, 2] }]], { seed });
    const b = PersistentMap.from([["k", { x: [1, 2] }]], { seed: { k0: 9, k1: 9 } });
    expect(a.equals(b)).toBe(true);
    expect(a.equals(b, (x, y) => x === y)).toBe(false);
  });

  it("G4 filter() returns the map itself when it keeps all, and shares the nodes it leaves whole", () => {
    const map = numbers(10_000);
    expect(map.filter(() => true)).toBe(map);
    const before = nodesOf(map);
    const kept = map.filter((value) => value !== 77);
    expect([...nodesOf(kept)].filter((node) => !before.has(node)).length).toBeLessThanOrEqual(7);
    expect(kept.equals(map.remove(77))).toBe(true);
    expect(shapeOf(kept)).toEqual(shapeOf(map.remove(77)));
  });

  it("G4 map(), choose(), fold() and forEach() see every entry once", () => {
    const map = numbers(1000);
    expect(map.map((value, key) => value + key).get(7)).toBe(14);
    expect(map.choose((value) => (value % 2 === 0 ? `${value}` : undefined)).size).toBe(500);
    expect(map.fold((sum, value, key) => sum + value + key, 0)).toBe(999_000);
    let visits = 0;
    map.forEach(() => visits++);
    expect(visits).toBe(1000);
    expect([...map.values()].reduce((sum, value) => sum + value, 0)).toBe(499_500);
  });

  it("G6 keys whose whole hashes collide are set, read and removed each on its own", () => {
    const names = Array.from({ length: 50 }, (_, i) => `key-${i}`);
    const entries = names.map((name, i) => [name, i] as const);
    const map = PersistentMap.from(entries, { equality: constantHash, seed });
    expectCanonical(map);
    expect(names.map((name) => map.get(name))).toEqual(names.map((_, i) => i));
    expect(map.get("absent")).toBe(undefined);
    expect(map.remove("absent")).toBe(map);
    let rest = map;
    for (const [removed, name] of names.entries()) {
      rest = rest.remove(name);
      expectCanonical(rest);
      expect([rest.size, rest.has(name)]).toEqual([names.length - removed - 1, false]);
    }
    expect(shapeOf(rest)).toEqual(shapeOf(PersistentMap.empty({ seed })));
  });

  it("G6 colliding maps are equal whatever the order of building", () => {
    const entries = Array.from({ length: 20 }, (_, i) => [`key-${i}` as string, i] as const);
    const map = PersistentMap.from(entries, { equality: constantHash, seed });
    const reversed = PersistentMap.from([...entries].reverse(), { equality: constantHash, seed });
    expect(map.equals(reversed)).toBe(true);
    expect(map.equals(reversed.set("key-3", -1))).toBe(false);
    expect(map.equals(reversed.remove("key-3").set("other", 3))).toBe(false);
  });

  it("G6 a custom equality decides which keys are one", () => {
    const ignoringCase: KeyEquality<string> = {
      hash: (key) => key.length,
      equals: (a, b) => a.toLowerCase() === b.toLowerCase(),
    };
    const map = PersistentMap.from(
      [
        ["A", 1],
        ["b", 2],
        ["a", 3],
      ],
      { equality: ignoringCase, seed },
    );
    expect([map.size, map.get("a"), map.get("B")]).toEqual([2, 3, 2]);
  });

  it("G6 composite keys are found by value, in any order of fields", () => {
    const map = PersistentMap.empty<unknown, number>({ seed })
      .set([1, "a"], 1)
      .set({ x: 1, y: { z: [2n, null] } }, 2)
      .set(new Date(5), 3)
      .set(Uint8Array.of(1, 2, 3), 4);
    expect(map.get([1, "a"])).toBe(1);
    expect(map.get({ y: { z: [2n, null] }, x: 1 })).toBe(2);
    expect(map.get(new Date(5))).toBe(3);
    expect(map.get(Uint8Array.of(1, 2, 3))).toBe(4);
    expect([map.get([1, "b"]), map.get(5), map.get([1, 2, 3]), map.get({ x: 1 })]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("G7 empty() draws its seed from the injected source, and the seed decides the order", () => {
    let drawn = 0;
    const random = () => 0xdead_0000 + drawn++;
    const keys = Array.from({ length: 100 }, (_, i) => [`key-${i}`, i] as const);
    const a = PersistentMap.from(keys, { random });
    const b = PersistentMap.from([...keys].reverse(), { seed: { k0: 0xdead_0000, k1: 0xdead_0001 } });
    const c = PersistentMap.from(keys, { random });
    expect(drawn).toBe(4);
    expect([...a]).toEqual([...b]);
    expect([...c]).not.toEqual([...a]);
    expect(c.equals(a)).toBe(true);
  });

  it("G7 empty() draws another seed for every map by default", () => {
    const seeds = Array.from({ length: 4 }, () => PersistentMap.empty().hashing.seed);
    expect(new Set(seeds.map(({ k0, k1 }) => `${k0},${k1}`)).size).toBe(4);
  });
});
