import { describe, expect, it } from "vitest";
import {
  applyDelta,
  combineDeltas,
  computeDelta,
  PersistentMap,
  structuralEquality,
} from "../../src/index.ts";

// What is not understood is refused: options, entries, and what is no map.

const map = PersistentMap.from([["a", 1]]);
const errorAt = (...path: readonly unknown[]): unknown =>
  expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", ...(path.length === 0 ? {} : { path }) });

describe("PersistentMap refuses what it does not understand", () => {
  it.each<[unknown, readonly unknown[]]>([
    [null, []],
    [5, []],
    [{ sed: 1 }, ["sed"]],
    [{ equalty: structuralEquality }, ["equalty"]],
    [{ equality: 5 }, ["equality"]],
    [{ equality: {} }, ["equality"]],
    [{ seed: 5 }, ["seed", "k0"]],
    [{ seed: null }, ["seed"]],
    [{ seed: {} }, ["seed", "k0"]],
    [{ seed: { k0: NaN, k1: 1 } }, ["seed", "k0"]],
    [{ seed: { k0: 1, k1: "x" } }, ["seed", "k1"]],
    [{ seed: { k0: 1, k1: 2 ** 32 } }, ["seed", "k1"]],
    [{ random: 5 }, ["random"]],
    [{ random: () => "x" }, ["random"]],
  ])("options %j", (options, path) => {
    const error = errorAt("PersistentMap", ...path);
    expect(() => PersistentMap.empty(options as never)).toThrowError(error);
    expect(() => PersistentMap.from([], options as never)).toThrowError(error);
  });

  it.each<[unknown]>([
    [5],
    ["ab"],
    [null],
    [{ a: 1 }],
    [[5]],
    [["ab"]],
    [[[]]],
    [[["a"]]],
    [[["a", 1, 2]]],
    [[new Map()]],
  ])("entries %j", (entries) => {
    expect(() => PersistentMap.from(entries as never)).toThrowError(errorAt());
  });

  it.each<[string, (found: never) => unknown]>([
    ["union", (x) => map.union(x)],
    ["unionWith", (x) => map.unionWith(x, (a) => a)],
    ["intersect", (x) => map.intersect(x)],
    ["difference", (x) => map.difference(x)],
    ["map2", (x) => map.map2(x, () => 1)],
    ["equals", (x) => map.equals(x)],
    ["keys().equals", (x) => map.keys().equals(x)],
    ["computeDelta from", (x) => computeDelta(x, map)],
    ["computeDelta to", (x) => computeDelta(map, x)],
    ["applyDelta of", (x) => applyDelta(x, computeDelta(map, map))],
    ["applyDelta by", (x) => applyDelta(map, x)],
    ["combineDeltas", (x) => combineDeltas(x, computeDelta(map, map))],
  ])("%s() of what is no map", (_, call) => {
    for (const found of [5, null, undefined, new Map(), {}, "text"])
      expect(() => call(found as never)).toThrowError(errorAt());
  });

  it("takes words of a seed signed and unsigned, and reads options once", () => {
    let reads = 0;
    const options = {
      get seed() {
        reads++;
        return { k0: -1, k1: 2 ** 32 - 1 };
      },
    };
    expect(PersistentMap.from([["a", 1]], options).get("a")).toBe(1);
    expect(reads).toBe(1);
  });
});
