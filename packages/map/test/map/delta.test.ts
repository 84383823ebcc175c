import { describe, expect, it } from "vitest";
import { applyDelta, combineDeltas, computeDelta } from "../../src/map/delta.ts";
import { PersistentMap } from "../../src/map/persistent-map.ts";
import { countVisits, nodesOf } from "../trie/trie-inspection.ts";

const seed = { k0: 1, k1: 2 };

function numbers(count: number): PersistentMap<number, number> {
  return PersistentMap.from(
    Array.from({ length: count }, (_, i) => [i, i] as const),
    { seed },
  );
}

/** Sets, adds and removes a third of `count` keys each. */
function change(map: PersistentMap<number, number>, count: number): PersistentMap<number, number> {
  let changed = map;
  for (let i = 0; i < count; i += 3)
    changed = changed
      .set(i * 7, -1)
      .set(-1 - i, 0)
      .remove(i * 7 + 1);
  return changed;
}

describe("computeDelta", () => {
  it("G3 computeDelta() names what is set and what is removed", () => {
    const delta = computeDelta(numbers(4), numbers(4).set(1, 9).set(7, 7).remove(2));
    expect([...delta].sort((a, b) => a[0] - b[0])).toEqual([
      [1, { op: "set", value: 9 }],
      [2, { op: "remove" }],
      [7, { op: "set", value: 7 }],
    ]);
  });

  it("G3 computeDelta() visits only what changed, whatever the size of the maps", () => {
    for (const count of [1000, 10_000, 100_000]) {
      const map = numbers(count);
      const changed = change(map, 30);
      const visits = countVisits([map, changed], () => expect(computeDelta(map, changed).size).toBe(30));
      expect(visits).toBeLessThanOrEqual(2 * 30 * 4);
      expect(nodesOf(map).size).toBeGreaterThan(count / 10);
    }
  });

  it("G3 computeDelta() visits in proportion to the change", () => {
    const map = numbers(100_000);
    const visits = [30, 300, 3000].map((count) => {
      const changed = change(map, count);
      return countVisits([map, changed], () => computeDelta(map, changed)) / count;
    });
    expect(Math.max(...visits)).toBeLessThanOrEqual(2 * 4);
  });

  it("G3 computeDelta() of a map and itself is empty and visits nothing", () => {
    const map = numbers(1000);
    expect(countVisits([map], () => expect(computeDelta(map, map).size).toBe(0))).toBe(0);
  });

  it("G3 computeDelta() asks the equality it is given only for values that are not identical", () => {
    const map = numbers(1000);
    let asked = 0;
    const delta = computeDelta(map, numbers(1000).set(5, 6), () => ++asked > 0);
    expect([asked, delta.size]).toEqual([1, 0]);
  });

  it("G3 computeDelta() takes values that are equal by content for unchanged", () => {
    const a = PersistentMap.from([["k", { x: 1 }]], { seed });
    expect(computeDelta(a, a.set("k", { x: 1 })).size).toBe(0);
  });
});

describe("applyDelta", () => {
  it("G3 applyDelta() returns the new state and the changes that had an effect", () => {
    const none = computeDelta(numbers(0), numbers(0));
    const delta = none
      .set(1, { op: "set", value: 9 })
      .set(2, { op: "set", value: 2 })
      .set(3, { op: "remove" })
      .set(99, { op: "remove" })
      .set(100, { op: "set", value: 100 });
    const [state, effective] = applyDelta(numbers(4), delta);
    expect([...state].sort((a, b) => a[0] - b[0])).toEqual([
      [0, 0],
      [1, 9],
      [2, 2],
      [100, 100],
    ]);
    expect([...effective.keys()].sort((a, b) => a - b)).toEqual([1, 3, 100]);
    expect(effective.get(3)).toEqual({ op: "remove" });
  });

  it("G3 applyDelta() of changes that change nothing returns the state itself", () => {
    const state = PersistentMap.from([["k", { x: 1 }]], { seed });
    const delta = computeDelta(state, state)
      .set("k", { op: "set", value: { x: 1 } })
      .set("absent", { op: "remove" });
    const [next, effective] = applyDelta(state, delta);
    expect(next).toBe(state);
    expect(effective.size).toBe(0);
  });

  it("G3 applyDelta() visits only the paths of what changes", () => {
    const state = numbers(100_000);
    const delta = computeDelta(state, change(state, 30));
    expect(countVisits([state], () => applyDelta(state, delta))).toBeLessThanOrEqual(30 * 4);
  });

  it("G3 combineDeltas() lets the later change win", () => {
    const zero = numbers(3);
    const one = zero.set(1, 9).remove(2);
    const two = one.set(1, 8).set(2, 7).remove(0);
    const combined = combineDeltas(computeDelta(zero, one), computeDelta(one, two));
    expect(applyDelta(zero, combined)[0].equals(two)).toBe(true);
    expect(combined.get(1)).toEqual({ op: "set", value: 8 });
  });
});
