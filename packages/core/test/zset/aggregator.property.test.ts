import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  aggregate,
  avg,
  combineAggregators,
  count,
  groupBy,
  max,
  min,
  sum,
  ZSet,
  type Aggregator,
} from "../../src/index.ts";
import { compareNumbers, compareText, texts } from "./column-cases.ts";
import { expectSame, grouped, reference, rowsOf, type Entry } from "./reference.ts";
import { items, pairs, SEED, value, type Pairs, type Value } from "./zset-arbitraries.ts";

const options = { seed: SEED, numRuns: 100 };

type Rows = readonly Entry<string, Value>[];

const itemsOf = (values: readonly Value[]): ZSet<Value> =>
  ZSet.from(
    value,
    values.map((item) => ({ item })),
  );

/** Aggregates by the reference: `undefined` leaves the key out. */
function expectGroups(found: Parameters<typeof rowsOf>[0], a: Pairs, of: (rows: Rows) => unknown): void {
  const results = grouped(reference([...a])).map(({ key, rows }) => ({ key, value: of(rows), weight: 1 }));
  expectSame(found, reference(results.filter((row) => row.value !== undefined)));
}

const weigh = (rows: Rows, of: (value: Value) => number): number =>
  rows.reduce((total, row) => total + row.weight * of(row.value), 0);
const present = (rows: Rows): Value[] => rows.filter((row) => row.weight > 0).map((row) => row.value);
const n = (of: Value): number => of.n;

describe(`aggregators agree with the reference (seed ${SEED})`, () => {
  it("count() and sum() are weighted", () => {
    const property = fc.property(pairs, (a) => {
      expectGroups(aggregate(a, z.int(), count()), a, (rows) => weigh(rows, () => 1));
      expectGroups(aggregate(a, z.number(), sum(n)), a, (rows) => weigh(rows, n));
      expectGroups(
        aggregate(
          a,
          z.int64(),
          sum((v: Value) => BigInt(v.n)),
        ),
        a,
        (rows) => BigInt(weigh(rows, n)),
      );
    });
    fc.assert(property, options);
  });

  it("min() and max() look at positive weights only, by column order or by what `by` gives", () => {
    const property = fc.property(pairs, (a) => {
      expectGroups(aggregate(a, value, min()), a, (rows) => present(rows)[0]);
      expectGroups(aggregate(a, value, max()), a, (rows) => present(rows).at(-1));
      const length = (v: Value): string => `${v.t?.length}`;
      const sorted = (rows: Rows): string[] => present(rows).map(length).sort(compareText);
      expectGroups(aggregate(a, z.string(), min(length)), a, (rows) => sorted(rows)[0]);
      expectGroups(aggregate(a, z.string(), max(length)), a, (rows) => sorted(rows).at(-1));
    });
    fc.assert(property, options);
  });

  it("avg() divides the sum by the count, and leaves out what counts 0", () => {
    const property = fc.property(pairs, (a) => {
      expectGroups(aggregate(a, z.number(), avg(n)), a, (rows) => {
        const rowsCount = weigh(rows, () => 1);
        return rowsCount === 0 ? undefined : weigh(rows, n) / rowsCount;
      });
    });
    fc.assert(property, options);
  });

  it("a user's aggregator sees the values of a key in order with their weights", () => {
    const trail: Aggregator<Value, string, string[]> = {
      start: () => [],
      add: (state, v, weight) => [...state, `${v.n}/${v.t}×${weight}`],
      finish: (state) => state.join(),
    };
    const property = fc.property(pairs, (a) => {
      expectGroups(aggregate(a, z.string(), trail), a, (rows) =>
        rows.map((row) => `${row.value.n}/${row.value.t}×${row.weight}`).join(),
      );
    });
    fc.assert(property, options);
  });

  it("combineAggregators() gives what each gives, and leaves out what one leaves out", () => {
    const property = fc.property(pairs, (a) => {
      const both = aggregate(
        a,
        z.object({ rows: z.int(), least: z.int32() }),
        combineAggregators({ rows: count(), least: min(n) }),
      );
      expectGroups(both, a, (rows) => {
        const least = Math.min(...present(rows).map(n));
        return least === Infinity ? undefined : { rows: weigh(rows, () => 1), least };
      });
    });
    fc.assert(property, options);
  });

  it("groupBy() indexes and aggregates", () => {
    const property = fc.property(items, (b) => {
      const rows = (rowsOf(b) as Entry<Value>[]).map((row) => ({ ...row, key: row.key.t, value: row.key }));
      const expected = grouped(reference(rows)).map((group) => ({
        key: group.key,
        value: group.rows.reduce((total, row) => total + row.weight, 0),
        weight: 1,
      }));
      expectSame(
        groupBy(b, z.string().nullable(), (v) => v.t, z.int(), count()),
        reference(expected),
      );
    });
    fc.assert(property, options);
  });

  it("min(by) and max(by) order as columns do", () => {
    const one = <T>(schema: z.ZodType, values: fc.Arbitrary<T>, compare: (a: T, b: T) => number): void => {
      const rows = fc.array(values, { minLength: 1, maxLength: 9 });
      const property = fc.property(rows, (found) => {
        const boxed = found.map((_, i) => ({ n: i, t: null }));
        const a = groupBy(
          itemsOf(boxed),
          z.int(),
          () => 0,
          schema,
          min((v: Value) => found[v.n] as never) as never,
        );
        const b = groupBy(
          itemsOf(boxed),
          z.int(),
          () => 0,
          schema,
          max((v: Value) => found[v.n] as never) as never,
        );
        const sorted = [...found].sort(compare);
        expect(compare(a.get(0)[0]!.value as T, sorted[0]!)).toBe(0);
        expect(compare(b.get(0)[0]!.value as T, sorted.at(-1)!)).toBe(0);
      });
      fc.assert(property, { seed: SEED, numRuns: 100 });
    };
    one(z.string(), texts, compareText);
    one(z.number(), fc.oneof(fc.double(), fc.constantFrom(NaN, -0, 0, Infinity)), compareNumbers);
    one(z.int64(), fc.bigInt({ min: -9n, max: 9n }), (a, b) => Number(a - b));
    one(z.date(), fc.date({ noInvalidDate: true }), (a, b) => a.getTime() - b.getTime());
    one(z.boolean(), fc.boolean(), (a, b) => Number(a) - Number(b));
  });
});
