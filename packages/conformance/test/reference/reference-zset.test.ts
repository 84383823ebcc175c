import { describe, expect, it } from "vitest";
import { canonicalText, ReferenceZSet } from "../../src/index.ts";

const numbers = () =>
  new ReferenceZSet<number, string>({
    compareKeys: (a, b) => a - b,
    compareValues: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  });

function filled(): ReferenceZSet<number, string> {
  const zset = numbers();
  for (const [key, value, weight] of [
    [3, "c"],
    [1, "b", -2],
    [1, "a"],
    [2, "x", 5],
    [3, "c"],
    [2, "x", -5],
  ] as const) {
    zset.insert(key, value, weight);
  }
  return zset;
}

const texts = (zset: ReferenceZSet<number, string>, range = {}) =>
  zset.rows(range).map(({ key, value, weight }) => `${key}${value}${weight}`);

describe("ReferenceZSet", () => {
  it("insert() adds weights, and drops what sums to 0", () => {
    const zset = filled();
    expect(texts(zset)).toEqual(["1a1", "1b-2", "3c2"]);
    expect([zset.weight(3, "c"), zset.weight(2, "x"), zset.weight(9, "")]).toEqual([2, 0, 0]);
    expect([zset.count(), zset.totalWeight()]).toEqual([3, 1]);
  });

  it("rows() gives a range, in either direction, up to a limit", () => {
    const zset = numbers();
    for (let key = 0; key < 6; key++) zset.insert(key, "v");
    const keys = (range: object) => zset.rows(range).map(({ key }) => key);
    expect(keys({ gte: 1, lt: 4 })).toEqual([1, 2, 3]);
    expect(keys({ gt: 1, lte: 4, reverse: true })).toEqual([4, 3, 2]);
    expect(keys({ reverse: true, limit: 2 })).toEqual([5, 4]);
    expect(keys({ gte: 4, lt: 1 })).toEqual([]);
    expect(zset.get(3).map(({ key }) => key)).toEqual([3]);
  });

  it("knows rows by content: properties in any order, and no two that differ", () => {
    const zset = new ReferenceZSet<unknown, unknown>({ compareKeys: () => 0, compareValues: () => 0 });
    zset.insert({ a: 1, b: [2] }, new Map([["x", 1]]));
    expect(zset.weight({ b: [2], a: 1 }, new Map([["x", 1]]))).toBe(1);
    expect(zset.weight({ a: 1, b: [2n] }, new Map([["x", 1]]))).toBe(0);
  });

  it("snapshot() does not change with what it was taken of", () => {
    const zset = filled();
    const snapshot = zset.snapshot();
    zset.insert(7, "new");
    snapshot.insert(1, "a", -1);
    expect(texts(snapshot)).toEqual(["1b-2", "3c2"]);
    expect(texts(zset)).toEqual(["1a1", "1b-2", "3c2", "7new1"]);
  });

  it("add() of the negation leaves nothing", () => {
    const zset = filled();
    zset.add(filled(), -1);
    expect(zset.rows()).toEqual([]);
  });
});

describe("canonicalText()", () => {
  const equal: readonly (readonly [unknown, unknown])[] = [
    [0, -0],
    [NaN, 0 / 0],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [new Set([1, "1"]), new Set(["1", 1])],
    [Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2).subarray(1)],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ];
  const different: readonly (readonly [unknown, unknown])[] = [
    [1, 1n],
    [1, "1"],
    [null, undefined],
    [null, "null"],
    [{}, { a: undefined }],
    [[], {}],
    [new Map(), {}],
    [
      [1, 2],
      [2, 1],
    ],
    [Uint8Array.of(1), Int8Array.of(1)],
    [new Date(1), 1],
    ["\ud800", "\\ud800"],
    [{ a: 1, b: 2 }, { "a:1,b": 2 }],
  ];

  it.each(equal)("is one for equal values (%o, %o)", (a, b) => {
    expect(canonicalText(a)).toBe(canonicalText(b));
  });

  it.each(different)("is another for other values (%o, %o)", (a, b) => {
    expect(canonicalText(a)).not.toBe(canonicalText(b));
  });
});
