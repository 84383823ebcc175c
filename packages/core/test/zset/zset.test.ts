import { describe, expect, it } from "vitest";
import { z } from "zod";
import { IndexedZSet, isZspineError, layoutOf, ZSet, type ZspineErrorCode } from "../../src/index.ts";
import { Batch } from "../../src/engine.ts";

const MAX = Number.MAX_SAFE_INTEGER;

function expectError(code: ZspineErrorCode, run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (!isZspineError(error, code)) throw error;
    return error;
  }
  return expect.unreachable(`${code} was not thrown`);
}

const pair = z.object({ b: z.int32(), a: z.string() });

describe("ZSet and IndexedZSet", () => {
  it("A1 from() adds up equal rows of one input, whichever object they are", () => {
    const zset = IndexedZSet.from(pair, pair, [
      { key: { a: "x", b: 1 }, value: { b: 1, a: "y" } },
      { key: { b: 1, a: "x" }, value: { a: "y", b: 1 }, weight: 4 },
      { key: { b: 1, a: "x" }, value: { a: "y", b: 2 } },
    ]);
    expect([...zset]).toEqual([
      { key: { b: 1, a: "x" }, value: { b: 1, a: "y" }, weight: 5 },
      { key: { b: 1, a: "x" }, value: { b: 2, a: "y" }, weight: 1 },
    ]);
  });

  it("A1 fromColumns() adds up equal rows of one input", () => {
    const zset = ZSet.fromColumns(z.tuple([z.int32(), z.string()]), {
      item: [Int32Array.of(2, 1, 2), ["b", "a", "b"]],
      weight: Float64Array.of(3, 1, -5),
    });
    expect([...zset]).toEqual([
      { item: [1, "a"], weight: 1 },
      { item: [2, "b"], weight: -2 },
    ]);
  });

  it("A2 weights that cancel leave nothing, and negative ones stay", () => {
    const zset = IndexedZSet.from(z.string(), z.int32(), [
      { key: "a", value: 1, weight: 2 },
      { key: "b", value: 1, weight: -2 },
      { key: "a", value: 1, weight: -2 },
      { key: "b", value: 1, weight: -1 },
    ]);
    expect([...zset]).toEqual([{ key: "b", value: 1, weight: -3 }]);
    expect(zset.has("a")).toBe(false);
    expect(zset.size).toBe(1);
    expect(zset.totalWeight).toBe(-3);
  });

  it("A3 zero weight is a no-op, but its row must be of the schema", () => {
    const zset = ZSet.from(z.string(), [
      { item: "a", weight: 0 },
      { item: "b", weight: -0 },
      { item: "c", weight: 1 },
    ]);
    expect([...zset]).toEqual([{ item: "c", weight: 1 }]);
    expect(ZSet.fromColumns(z.string(), { item: ["a", "b"], weight: [0, -0] }).size).toBe(0);
    expectError("ZSPINE_INVALID_OPTIONS", () => ZSet.from(z.string(), [{ item: 1 as never, weight: 0 }]));
  });

  it("A6 get() gives all values of a key, and weight() that of one", () => {
    const zset = IndexedZSet.from(z.string(), z.string(), [
      { key: "k", value: "v2", weight: 2 },
      { key: "j", value: "v1" },
      { key: "k", value: "v1", weight: -1 },
      { key: "l", value: "v1" },
    ]);
    expect(zset.get("k")).toEqual([
      { value: "v1", weight: -1 },
      { value: "v2", weight: 2 },
    ]);
    expect(zset.weight("k", "v2")).toBe(2);
    expect(zset.weight("k", "v3")).toBe(0);
    expect(zset.weight("zzz", "v1")).toBe(0);
  });

  it("A7 get(key) is right for values that are all negative, numbers and weights", () => {
    const zset = IndexedZSet.from(z.int32(), z.int32(), [
      { key: 1, value: -7, weight: -1 },
      { key: 1, value: -2147483648, weight: -3 },
      { key: -1, value: -7 },
      { key: 0, value: -1, weight: -1 },
    ]);
    expect(zset.get(1)).toEqual([
      { value: -2147483648, weight: -3 },
      { value: -7, weight: -1 },
    ]);
    expect(zset.get(0)).toEqual([{ value: -1, weight: -1 }]);
    expect([...zset.keys()]).toEqual([-1, 0, 1]);
  });

  it("A8 a sum beyond 2^53 − 1 is refused; one that only passes there on the way is not", () => {
    const rows = (weights: readonly number[]) => weights.map((weight) => ({ item: "a", weight }));
    const error = expectError("ZSPINE_WEIGHT_RANGE", () => ZSet.from(z.string(), rows([MAX, 1])));
    expect(error.message).toContain("nothing was applied");
    expectError("ZSPINE_WEIGHT_RANGE", () => ZSet.from(z.string(), rows([-MAX, -1])));
    expectError("ZSPINE_WEIGHT_RANGE", () =>
      ZSet.fromColumns(z.string(), { item: ["a", "a"], weight: [MAX, 1] }),
    );
    expect(ZSet.from(z.string(), rows([MAX, MAX, 1, -MAX, -2])).weight("a")).toBe(MAX - 1);
    expect(ZSet.from(z.string(), rows([MAX, -MAX])).size).toBe(0);
  });

  it("A8 a weight that is no integer within ±(2^53 − 1) is refused, a bigint of max int64 + 1 too", () => {
    const max64 = 2n ** 63n - 1n;
    for (const weight of [max64 + 1n, 1n, MAX + 1, -MAX - 1, 0.5, NaN, Infinity, "1", null]) {
      const wrong = weight as number;
      const error = expectError("ZSPINE_WEIGHT_RANGE", () =>
        ZSet.from(z.string(), [{ item: "a", weight: wrong }]),
      );
      expect(error).toHaveProperty("path", ["weight"]);
      expectError("ZSPINE_WEIGHT_RANGE", () =>
        ZSet.fromColumns(z.string(), { item: ["a"], weight: [wrong] }),
      );
    }
    expectError("ZSPINE_INVALID_OPTIONS", () => ZSet.from(z.int64(), [{ item: max64 + 1n }]));
  });

  it("A8 totalWeight is exact, and refused where no number is", () => {
    const zset = (...weights: number[]) =>
      ZSet.from(
        z.int32(),
        weights.map((weight, item) => ({ item, weight })),
      );
    expect(zset(MAX, MAX, -MAX, -3).totalWeight).toBe(MAX - 3);
    expect(zset(MAX, MAX, 1, -MAX, -MAX, -2).totalWeight).toBe(-1);
    const tooMuch = zset(MAX, 1);
    expectError("ZSPINE_WEIGHT_RANGE", () => tooMuch.totalWeight);
    expect(tooMuch.size).toBe(2);
  });

  it("A9 keys of a tuple are ordered by its first item: a sort key of one's own comes first", () => {
    // Descending by total, then by name: what a custom comparer would say.
    const key = z.tuple([z.number(), z.string()]);
    const zset = IndexedZSet.from(
      key,
      z.int32(),
      (
        [
          ["ann", 3],
          ["bob", 40],
          ["eve", 3],
        ] as const
      ).map(([name, total]) => ({ key: [-total, name], value: total })),
    );
    expect([...zset.keys()].map(([, name]) => name)).toEqual(["bob", "ann", "eve"]);
  });

  it("A9 keys are in order: numbers with −0 and NaN, bigints, text by code points, tuples, bytes", () => {
    const keysOf = <K>(schema: z.ZodType<K>, keys: readonly K[]): K[] => [
      ...IndexedZSet.from(
        schema,
        z.int32(),
        keys.map((key) => ({ key, value: 0 })),
      ).keys(),
    ];
    expect(keysOf(z.number(), [NaN, 1, -0, Infinity, 0, -Infinity, NaN, -1])).toEqual([
      -Infinity,
      -1,
      0,
      1,
      Infinity,
      NaN,
    ]);
    expect(keysOf(z.int64(), [2n ** 53n + 1n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)])).toEqual([
      -(2n ** 63n),
      -1n,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
    ]);
    expect(keysOf(z.string(), ["😀", "\uffff", "b", "a\0", "a", "é", ""])).toEqual([
      "",
      "a",
      "a\0",
      "b",
      "é",
      "\uffff",
      "😀",
    ]);
    expect(
      keysOf(z.tuple([z.string(), z.int32()]), [
        ["b", -1],
        ["a", 2],
        ["a", -3],
      ]),
    ).toEqual([
      ["a", -3],
      ["a", 2],
      ["b", -1],
    ]);
    const bytes = (...values: number[]) => Uint8Array.of(...values);
    expect(keysOf(z.instanceof(Uint8Array), [bytes(255), bytes(1, 0), bytes(), bytes(1)])).toEqual([
      bytes(),
      bytes(1),
      bytes(1, 0),
      bytes(255),
    ]);
  });

  it("10⁶ distinct values under one key stay 10⁶", () => {
    const count = 1_000_000;
    const zset = IndexedZSet.fromColumns(z.int32(), z.string(), {
      key: new Int32Array(count).fill(7),
      value: Array.from({ length: count }, (_, i) => `value-${i}`),
    });
    expect(zset.size).toBe(count);
    expect(zset.totalWeight).toBe(count);
    expect([...zset.keys()]).toEqual([7]);
    expect(zset.weight(7, "value-999999")).toBe(1);
    expect(zset.batch.weightBound).toBe(1);
  });

  it("a value that is read is the reader's own: writing to it changes nothing", () => {
    const zset = ZSet.from(z.instanceof(Uint8Array), [{ item: Uint8Array.of(1, 2) }]);
    for (const { item } of zset) item[0] = 9;
    expect([...zset]).toEqual([{ item: Uint8Array.of(1, 2), weight: 1 }]);
    const given = Uint8Array.of(3);
    const taken = ZSet.from(z.instanceof(Uint8Array), [{ item: given }]);
    given[0] = 4;
    expect(taken.has(Uint8Array.of(3))).toBe(true);
  });

  it("no rows and no columns make an empty Z-set", () => {
    expect(ZSet.from(z.string(), []).size).toBe(0);
    expect(ZSet.fromColumns(z.string(), { item: [] }).size).toBe(0);
    const none = IndexedZSet.fromColumns(pair, z.string(), {
      key: { a: [], b: new Int32Array() },
      value: [],
    });
    expect([...none, ...none.keys(), ...none.get({ a: "", b: 0 })]).toEqual([]);
    expect(none.totalWeight).toBe(0);
  });

  it("reading ends early and begins anew", () => {
    const zset = ZSet.from(z.int32(), [{ item: 1 }, { item: 2 }]);
    for (const row of zset) if (row.item === 1) break;
    expect([...zset].length).toBe(2);
  });

  it("a row or a column that is not of the schema is refused with its path", () => {
    const refused = expectError("ZSPINE_INVALID_OPTIONS", () =>
      IndexedZSet.from(z.string(), pair, [{ key: "a", value: { a: "x", b: 0.5 } }]),
    );
    expect(refused).toHaveProperty("path", ["value", "b"]);
    const short = expectError("ZSPINE_INVALID_OPTIONS", () =>
      ZSet.fromColumns(pair, { item: { a: ["x", "y"], b: [1] } }),
    );
    expect(short).toHaveProperty("path", ["item", "a"]);
    expectError("ZSPINE_INVALID_OPTIONS", () => ZSet.from(pair, []).weight({ a: "x" } as never));
  });

  it("a batch is taken by the class of its kind only", () => {
    const items = Batch.of(layoutOf(z.string()), []);
    const pairs = Batch.of(layoutOf(z.string(), z.string()), []);
    expect(new ZSet(items).size + new IndexedZSet(pairs).size).toBe(0);
    expect(() => new ZSet(pairs as never)).toThrow(TypeError);
    expect(() => new IndexedZSet(items)).toThrow(TypeError);
  });
});
