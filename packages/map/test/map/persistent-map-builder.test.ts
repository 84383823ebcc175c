import { describe, expect, it } from "vitest";
import { isZspineError } from "@zspine/core";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { expectCanonical, nodesOf, shapeOf } from "../trie/trie-inspection.ts";

const seed = { k0: 1, k1: 2 };
const empty = PersistentMap.empty<number, number>({ seed });

describe("PersistentMapBuilder", () => {
  it("G5 build() gives the map that set() one by one, and from() all at once, give", () => {
    const builder = empty.builder();
    let map = empty;
    for (let i = 0; i < 5000; i++) {
      builder.set(i, -i).set(i >> 1, i);
      map = map.set(i, -i).set(i >> 1, i);
    }
    const built = builder.build();
    const bulk = PersistentMap.from(map, { seed });
    expectCanonical(built);
    expectCanonical(bulk);
    expect([built.equals(map), bulk.equals(map)]).toEqual([true, true]);
    expect([shapeOf(built), shapeOf(bulk)]).toEqual([shapeOf(map), shapeOf(map)]);
  });

  it("G5 set() and remove() never change the map that the builder started from", () => {
    const map = PersistentMap.from(
      Array.from({ length: 2000 }, (_, i) => [i, i] as const),
      { seed },
    );
    const before = [...map];
    const builder = map.builder();
    for (let i = 0; i < 3000; i++) builder.remove(i * 2).set(i * 2 + 1, -1);
    const built = builder.build();
    expect([...map]).toEqual(before);
    expect(built.size).toBe(3000);
    expectCanonical(built);
  });

  it("G5 set() makes the nodes above a change once, not for every change", () => {
    const builder = empty.builder();
    for (let i = 0; i < 10_000; i++) builder.set(i, i);
    const map = builder.build();
    const again = map.builder();
    const owned = nodesOf(map);
    for (let i = 0; i < 10_000; i++) again.set(i, -i);
    const fresh = [...nodesOf(again.build())].filter((node) => !owned.has(node));
    // Every node is copied by the first change below it and then changed in place.
    expect(fresh.length).toBe(owned.size);
  });

  it("G5 get() and size read the map in the making", () => {
    const builder = empty.builder().set(1, 2).set(3, 4).remove(1);
    expect([builder.size, builder.get(3), builder.get(1)]).toEqual([1, 4, undefined]);
  });

  it("G5 build() ends the builder: further edits throw and the built map stays", () => {
    const builder = empty.builder().set(1, 1);
    const map = builder.build();
    for (const edit of [() => builder.set(2, 2), () => builder.remove(1), () => builder.build()]) {
      let thrown: unknown;
      try {
        edit();
      } catch (error) {
        thrown = error;
      }
      expect(isZspineError(thrown, "ZSPINE_CLOSED")).toBe(true);
    }
    expect([...map]).toEqual([[1, 1]]);
  });

  it("G5 build() of an untouched builder returns the map it started from", () => {
    const map = empty.set(1, 1);
    expect(map.builder().build()).toBe(map);
    expect(map.builder().set(1, 1).remove(2).build()).toBe(map);
  });

  it("G5 from() lets the last of equal keys count and keeps the first key object", () => {
    const first = [1];
    const map = PersistentMap.from(
      Array.from({ length: 100 }, (_, i) => [i === 0 ? first : [(i % 3) + 1], i] as const),
      { seed },
    );
    expectCanonical(map);
    expect([map.size, map.get([1]), map.get([2]), map.get([3])]).toEqual([3, 99, 97, 98]);
    expect([...map.keys()].includes(first)).toBe(true);
    const two = PersistentMap.from<number[], string>(
      [
        [first, "x"],
        [[1], "y"],
      ],
      { seed },
    );
    expect([...two.keys()][0]).toBe(first);
    expect([...two.values()]).toEqual(["y"]);
  });
});
