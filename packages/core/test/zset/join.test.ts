import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  antijoin,
  IndexedZSet,
  intersect,
  join,
  keysOf,
  layoutOf,
  semijoin,
  topK,
  ZSet,
  type LayoutOptions,
} from "../../src/index.ts";
import { Batch, makePart } from "../../src/engine.ts";
import { jsonSerializer } from "../schema/json-serializer.ts";

/** Counts the rows of a column that are looked at. */
function counted<K, V>(
  zset: IndexedZSet<K, V>,
): { readonly zset: IndexedZSet<K, V>; readonly reads: () => number } {
  let reads = 0;
  const parts = zset.batch.parts.map(({ columns, weights }) =>
    makePart(
      columns.map((column) => ({
        ...column,
        heads: new Proxy(column.heads, {
          get: (target, name) => {
            if (typeof name === "string" && /^\d+$/.test(name)) reads++;
            const found: unknown = Reflect.get(target, name, target);
            return typeof found === "function" ? found.bind(target) : found;
          },
        }),
      })),
      weights,
    ),
  );
  return { zset: new IndexedZSet(Batch.of(zset.layout, parts)), reads: () => reads };
}

const count = 100_000;
const large = IndexedZSet.fromColumns(z.int32(), z.int32(), {
  key: Int32Array.from({ length: count }, (_, i) => i),
  value: Int32Array.from({ length: count }, (_, i) => i % 7),
});

describe("join()", () => {
  it("reads O(|small| · log |large|) rows of the large side, whichever it is", () => {
    const small = IndexedZSet.from(
      z.int32(),
      z.int32(),
      [5, 40_000, 99_999, 200_000].map((key) => ({ key, value: 1 })),
    );
    const { zset, reads } = counted(large);
    expect(join(zset, small, z.int32(), (key) => key).size).toBe(3);
    expect(join(small, zset, z.int32(), (key) => key).size).toBe(3);
    expect(reads()).toBeLessThan(1000);
  });

  it("semijoin(), antijoin() of few keys and intersect() gallop as well", () => {
    const keys = ZSet.from(
      z.int32(),
      [5, 40_000, 99_999].map((item) => ({ item })),
    );
    const { zset, reads } = counted(large);
    expect(semijoin(zset, keys).size).toBe(3);
    expect(reads()).toBeLessThan(1000);
    expect(antijoin(large, keys).size).toBe(count - 3);
    expect([...intersect(semijoin(large, keys), large).keys()]).toEqual([5, 40_000, 99_999]);
  });

  it("gives the whole product under one key, over the borders of parts", () => {
    const hot = IndexedZSet.fromColumns(z.string(), z.int32(), {
      key: Array.from({ length: 70_000 }, () => "k"),
      value: Int32Array.from({ length: 70_000 }, (_, i) => i),
    });
    const two = IndexedZSet.from(z.string(), z.int32(), [
      { key: "k", value: 1, weight: 2 },
      { key: "k", value: 2, weight: -1 },
    ]);
    const made = join(hot, two, z.int32(), (_, left, right) => left * 10 + right);
    expect(made.size).toBe(140_000);
    expect(made.totalWeight).toBe(70_000);
    expect(join(two, hot, z.int32(), (_, left, right) => right * 10 + left).totalWeight).toBe(70_000);
  });

  it("refuses what is no result for two schemas, and no function", () => {
    const wrong = (): unknown => join(large, large, z.int32(), z.int32(), (() => 7) as never);
    const refusedAt = (at: string): unknown =>
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: [at] });
    expect(wrong).toThrowError(refusedAt("result"));
    expect(() => join(large, large, z.int32(), undefined as never)).toThrowError(refusedAt("join"));
  });
});

describe("topK()", () => {
  it("refuses a k that is no natural number", () => {
    for (const k of [-1, 0.5, NaN, 2 ** 32 + 1]) expect(() => topK(large, k)).toThrow(RangeError);
    expect(topK(large, 0).size).toBe(0);
    expect(topK(new ZSet(Batch.of(layoutOf(z.string()), [])), 3).size).toBe(0);
  });

  it("cuts the weight of the last row, however large", () => {
    const zset = ZSet.from(z.string(), [
      { item: "a", weight: 2 },
      { item: "b", weight: Number.MAX_SAFE_INTEGER },
      { item: "c", weight: 1 },
    ]);
    expect([...topK(zset, 5)]).toEqual([
      { item: "a", weight: 2 },
      { item: "b", weight: 3 },
    ]);
    expect([...topK(zset, 2 ** 32, (a, b) => (a < b ? 1 : -1))]).toEqual([
      { item: "b", weight: 2 ** 32 - 1 },
      { item: "c", weight: 1 },
    ]);
  });
});

describe("keysOf()", () => {
  it("reads the schema of keys once, whatever Z-sets have it, but where a serializer takes part", () => {
    const key = z.int32();
    const of = (options?: LayoutOptions) =>
      keysOf(IndexedZSet.from(key, z.string(), [{ key: 1, value: "a" }], options)).layout;
    expect(of()).toBe(of());
    expect(of().kinds).toEqual(["numeric"]);
    const serializer = jsonSerializer();
    expect(of({ serializer }).serializer).toBe(serializer);
    expect(of().serializer).toBeUndefined();
  });
});
