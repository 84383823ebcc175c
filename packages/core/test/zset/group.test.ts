import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  add,
  diff,
  distinct,
  equals,
  except,
  filter,
  IndexedZSet,
  indexBy,
  intersect,
  isZspineError,
  join,
  layoutOf,
  map,
  negate,
  scale,
  semijoin,
  subtract,
  ZSet,
  type ZspineErrorCode,
} from "../../src/index.ts";
import { Batch, type Part } from "../../src/engine.ts";

const MAX = Number.MAX_SAFE_INTEGER;

function expectError(code: ZspineErrorCode, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!isZspineError(error, code)) throw error;
    return;
  }
  expect.unreachable(`${code} was not thrown`);
}

const evens = (count: number): ZSet<number> =>
  ZSet.fromColumns(z.int32(), { item: Int32Array.from({ length: count }, (_, i) => 2 * i) });

/** Makes the same Z-set of parts that count the rows of which columns or weights are looked at. */
function counting(zset: ZSet<number>): { readonly zset: ZSet<number>; take(): number } {
  const read = new Set<Part>();
  const parts = zset.batch.parts.map((part): Part => {
    const counted = Object.create(part, {
      columns: {
        get() {
          read.add(counted);
          return part.columns;
        },
      },
    }) as Part;
    return counted;
  });
  const take = (): number => {
    const rows = [...read].reduce((sum, part) => sum + part.weights.length, 0);
    read.clear();
    return rows;
  };
  return { zset: new ZSet(Batch.of(zset.layout, parts)), take };
}

describe("add() and subtract()", () => {
  it("A8 a sum, a difference or a product beyond 2^53 − 1 is refused, and the operands stay as they are", () => {
    const full = ZSet.from(z.string(), [{ item: "a", weight: MAX }, { item: "b" }]);
    const one = ZSet.from(z.string(), [{ item: "a" }]);
    const byItem = indexBy(full, z.string(), (item) => item);
    expectError("ZSPINE_WEIGHT_RANGE", () => add(full, one));
    expectError("ZSPINE_WEIGHT_RANGE", () => subtract(negate(full), one));
    expectError("ZSPINE_WEIGHT_RANGE", () => diff(one, negate(full)));
    expectError("ZSPINE_WEIGHT_RANGE", () => scale(full, 2));
    expectError("ZSPINE_WEIGHT_RANGE", () => scale(full, 0.5));
    expectError("ZSPINE_WEIGHT_RANGE", () => map(full, z.int32(), () => 1));
    expectError("ZSPINE_WEIGHT_RANGE", () => join(byItem, byItem, z.string(), (key) => key));
    expectError("ZSPINE_WEIGHT_RANGE", () => semijoin(byItem, scale(one, 2)));
    expect([...full]).toEqual([
      { item: "a", weight: MAX },
      { item: "b", weight: 1 },
    ]);
    expect([...scale(full, -1)]).toEqual([...negate(full)]);
  });

  it("Z-sets of unlike columns are refused with both", () => {
    const a = ZSet.empty(z.int32()) as ZSet<number>;
    const b = ZSet.empty(z.number()) as ZSet<number>;
    for (const operator of [add, subtract, diff, equals, intersect, except]) {
      expectError("ZSPINE_SCHEMA", () => operator(a, b));
    }
    const keyed = IndexedZSet.empty(z.int32(), z.string());
    expectError("ZSPINE_SCHEMA", () => semijoin(keyed, b));
    expectError("ZSPINE_SCHEMA", () =>
      join(
        keyed,
        indexBy(b, z.number(), (n) => n),
        z.string(),
        () => "",
      ),
    );
  });

  it("add() shares with a large Z-set what a small delta does not touch, however full its parts are", () => {
    // Adding once more makes full parts of a Z-set that is merged throughout.
    const scattered = ZSet.from(
      z.int32(),
      Array.from({ length: 100 }, (_, i) => ({ item: i * 4001 + 1 })),
    );
    const large = add(evens(200_000), scattered);
    const delta = ZSet.from(z.int32(), [{ item: -1 }, { item: 1_000_001 }]);
    const next = add(large, delta);
    const own = new Set(large.batch.parts);
    const shared = next.batch.parts.filter((part) => own.has(part)).length;
    expect(large.batch.parts.length).toBeGreaterThan(6);
    expect(shared).toBeGreaterThanOrEqual(large.batch.parts.length - 2);
    expect(next.size).toBe(large.size + 2);
  });

  it("diff() reads only the parts that two Z-sets do not share", () => {
    const { zset: large, take } = counting(evens(500_000));
    const delta = ZSet.from(z.int32(), [
      { item: 500_001 },
      { item: 500_002, weight: -1 },
      { item: 500_004, weight: 2 },
    ]);
    const next = add(large, delta);
    take();
    const change = diff(large, next);
    const read = take();
    expect([...change]).toEqual([...delta]);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(large.batch.parts[0]!.weights.length);
  });

  it("diff() of Z-sets that share everything reads nothing, and what is kept whole is shared", () => {
    const { zset: large, take } = counting(evens(200_000));
    const same = filter(large, () => true);
    const wrapped = new ZSet(Batch.of(large.layout, [...large.batch.parts]));
    take();
    expect(diff(large, same).size).toBe(0);
    expect(diff(large, wrapped).size).toBe(0);
    expect(equals(large, wrapped)).toBe(true);
    expect(take()).toBe(0);
    expect(distinct(large)).toBe(large);
    expect(filter(large, (item) => item > 100).batch.parts.slice(1)).toEqual(large.batch.parts.slice(1));
  });

  it("negate() and scale() share columns and copy weights", () => {
    const a = evens(10);
    for (const made of [negate(a), scale(a, 3)]) {
      expect(made.batch.parts[0]!.columns).toBe(a.batch.parts[0]!.columns);
      expect(made.batch.parts[0]!.weights).not.toBe(a.batch.parts[0]!.weights);
    }
    expect(a.totalWeight).toBe(10);
    expect(scale(a, -3).totalWeight).toBe(-30);
    expect(Object.is(negate(ZSet.empty(z.int32())).totalWeight, 0)).toBe(true);
  });

  it("rows that differ only after the heads of parts with unlike prefixes do not become one", () => {
    // Found 2026-11-22: `a + b` lost "username-2", for each part alone told its keys apart by their heads,
    // and the merge took the heads after a shorter prefix for all there is to compare.
    const layout = layoutOf(z.string());
    const partsOf = (...items: string[]) =>
      ZSet.from(
        z.string(),
        items.map((item) => ({ item })),
      ).batch.parts;
    const a = new ZSet(
      Batch.of(layout, [...partsOf("order-1", "order-2"), ...partsOf("username-1", "username-3")]),
    );
    const b = new ZSet(Batch.of(layout, partsOf("username-2", "username-4")));
    expect([...add(a, b)].map((row) => `${row.item} × ${row.weight}`)).toEqual([
      "order-1 × 1",
      "order-2 × 1",
      "username-1 × 1",
      "username-2 × 1",
      "username-3 × 1",
      "username-4 × 1",
    ]);
  });
});
