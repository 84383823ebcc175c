import { describe, expect, it } from "vitest";
import { structuralEquality } from "../../src/equality/structural-equality.ts";
import { absorbText, hashText, WordHasher } from "@zspine/core/engine";

const seed = { k0: 0x12345678, k1: 0x9abcdef0 };
const { equals, hash } = structuralEquality;

const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);

// Every two of one row are equal, no two of different rows are.
const rows: readonly (readonly unknown[])[] = [
  [0, -0],
  [1, 1.0],
  [1n, BigInt(1)],
  ["1", `${1}`],
  [true],
  [false],
  [null],
  [undefined],
  [""],
  [Number.NaN, 0 / 0],
  [Infinity],
  [-Infinity],
  [0.1],
  [-0.1],
  [0.1 + Number.EPSILON / 16],
  [Number.MIN_VALUE],
  [Number.MAX_VALUE],
  [2 ** 31],
  [-(2 ** 31)],
  [2 ** 53],
  [2 ** 53 - 1],
  [2n ** 63n],
  [2n ** 63n - 1n],
  [-(2n ** 64n)],
  [2n ** 64n],
  ["\ud800", "\ud800"],
  ["\udc00"],
  ["\0"],
  [new Date(1), new Date(1)],
  [new Date(Number.NaN), new Date("no date")],
  [Uint8Array.of(), Buffer.of()],
  [Uint8Array.of(0), Buffer.of(0)],
  [Uint8Array.of(0, 0)],
  [Uint8Array.of(1, 2, 3, 4, 5)],
  [[], []],
  [[undefined], Array(1)],
  [[[]]],
  [
    [1, 2],
    [1, 2],
  ],
  [[2, 1]],
  [["a", "bc"]],
  [["ab", "c"]],
  [[["a"], "b"]],
  [["a", ["b"]]],
  [{}, Object.create(null)],
  [{ a: undefined }],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [{ a: 2, b: 1 }],
  [{ a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: {}, b: 1 }],
  [{ 0: 1 }],
  [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  [nested(500), nested(500)],
];

describe("structuralEquality", () => {
  it("G6 equals() holds equal what has the same content, and nothing else", () => {
    for (const [i, row] of rows.entries()) {
      for (const [j, other] of rows.entries()) {
        for (const a of row) for (const b of other) expect([i, j, equals(a, b)]).toEqual([i, j, i === j]);
      }
    }
  });

  it("G6 hash() is the same for equal values and differs for all others here", () => {
    const hashes = rows.map((row) => {
      const distinct = new Set(row.map((value) => hash(value, seed) | 0));
      expect(distinct.size).toBe(1);
      return [...distinct][0];
    });
    expect(new Set(hashes).size).toBe(rows.length);
  });

  it("G6 hash() refuses what has no content to compare, and names it", () => {
    class Point {
      x = 1;
    }
    for (const key of [
      () => 1,
      Symbol("s"),
      new Map(),
      new Set(),
      new Point(),
      [new Point()],
      { f: () => 1 },
    ]) {
      expect(() => hash(key, seed)).toThrow(TypeError);
    }
    expect(() => hash(new Point(), seed)).toThrow(/Point/);
  });

  it("G6 hash() refuses cycles and nesting that is too deep", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => hash(cycle, seed)).toThrow(RangeError);
    expect(() => hash(nested(502), seed)).toThrow(RangeError);
  });

  it("G6 equals() holds what it cannot look into equal only to itself", () => {
    const point = new Map([[1, 2]]);
    expect(equals(point, point)).toBe(true);
    expect(equals(point, new Map([[1, 2]]))).toBe(false);
    expect(equals({}, new Map())).toBe(false);
    expect(equals(new Map(), {})).toBe(false);
  });

  it("G7 hash() of 32-bit integers has no collisions under any seed", () => {
    for (const k0 of [0, 1, 0x8000_0000, 0xdead_beef]) {
      const hashes = new Set<number>();
      for (let i = 0; i < 50_000; i++) hashes.add(hash((i * 65_537) | 0, { k0, k1: 5 }) | 0);
      expect(hashes.size).toBe(50_000);
    }
  });
});

describe("WordHasher", () => {
  it("G7 finish() gives the published vectors of HalfSipHash-1-3", () => {
    // Linux lib/tests/siphash_kunit.c: the vector of length n hashes the bytes 0 … n−1, key 00 01 … 07.
    const vectors = new Map([
      [0, 0x5814c896],
      [4, 0x7e059ea6],
      [8, 0x577999b1],
      [12, 0x6b28096c],
      [16, 0x8b31d501],
      [60, 0x88b4c4cc],
    ]);
    for (const [length, expected] of vectors) {
      const hasher = new WordHasher(0x03020100, 0x07060504);
      for (let i = 0; i < length; i += 4)
        hasher.absorb(i | ((i + 1) << 8) | ((i + 2) << 16) | ((i + 3) << 24));
      hasher.absorb(length << 24);
      expect(hasher.finish(0xff) >>> 0).toBe(expected);
    }
  });

  it("G7 hashText() gives what a hasher that absorbs the text gives", () => {
    for (let length = 0; length < 20; length++) {
      const text = String.fromCharCode(...Array.from({ length }, (_, i) => 0xffff - i * 777));
      const hasher = new WordHasher(seed.k0, seed.k1);
      absorbText(hasher, text);
      expect(hashText(text, seed.k0, seed.k1)).toBe(hasher.finish(0xff));
    }
  });
});
