import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { add, equals, IndexedZSet, negate, ZSet } from "../../src/index.ts";
import { columnCases, LEAVES, type ColumnCase } from "./column-cases.ts";
import { identify } from "./identity.ts";
import { SEED } from "./zset-arbitraries.ts";

// Random schemas of all column types with random values of them, against sums found by comparing rows.

interface Weighted {
  readonly value: unknown;
  readonly weight: number;
}

const weights = fc.integer({ min: -3, max: 3 });

type RowsOfCase = fc.Arbitrary<{ readonly of: ColumnCase; readonly rows: Weighted[] }>;

function rowsOfCase(of: ColumnCase, sizes: fc.ArrayConstraints = { maxLength: 30 }): RowsOfCase {
  const rows = fc.array(fc.record({ value: of.values, weight: weights }), { ...sizes, size: "max" });
  return fc.record({ of: fc.constant(of), rows });
}

/** Sorts rows by the independent order, adds those up that it holds equal, and drops zeros. */
function sumUp(of: ColumnCase, rows: readonly Weighted[]): Weighted[] {
  const sums: Weighted[] = [];
  for (const row of [...rows].sort((a, b) => of.compare(a.value, b.value))) {
    const last = sums.at(-1);
    if (last === undefined || of.compare(last.value, row.value) !== 0) sums.push(row);
    else sums[sums.length - 1] = { value: last.value, weight: last.weight + row.weight };
  }
  return sums.filter((row) => row.weight !== 0);
}

const written = (rows: Iterable<Weighted>): string[] =>
  [...rows].map(({ value, weight }) => `${identify(value)} × ${weight}`);

const itemsOf = (of: ColumnCase, rows: readonly Weighted[]): ZSet<unknown> =>
  ZSet.from(
    of.schema,
    rows.map(({ value, weight }) => ({ item: value, weight })),
  );

function checkZSet({ of, rows }: { of: ColumnCase; rows: Weighted[] }): void {
  const zset = itemsOf(of, rows);
  const expected = sumUp(of, rows);
  // Round trip and order at once: what is read is what was written, ascending.
  expect(written([...zset].map(({ item, weight }) => ({ value: item, weight })))).toEqual(written(expected));
  for (const { value } of rows) {
    const sum = expected.find((row) => of.compare(row.value, value) === 0);
    if (zset.weight(value) !== (sum?.weight ?? 0))
      expect.unreachable(`the weight of ${identify(value)} is wrong`);
  }
}

describe(`columns (seed ${SEED})`, () => {
  for (const leaf of LEAVES) {
    it(`A9 a ZSet of ${leaf.name} gives back what it was given, in the order of the column`, () => {
      fc.assert(fc.property(rowsOfCase(leaf), checkZSet), { seed: SEED, numRuns: 60 });
    });
  }

  it("A9 a ZSet of any schema gives back what it was given, field by field in order, absent first", () => {
    fc.assert(
      fc.property(
        columnCases.chain((of) => rowsOfCase(of)),
        checkZSet,
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("A9 the order holds for as many rows as are sorted by radix", () => {
    const many = columnCases.chain((of) => rowsOfCase(of, { minLength: 129, maxLength: 400 }));
    fc.assert(fc.property(many, checkZSet), { seed: SEED, numRuns: 60 });
  });

  it("an IndexedZSet of any schemas finds by key what a linear search finds", () => {
    const cases = fc.tuple(columnCases, columnCases).chain(([of, under]) =>
      fc.record({
        of: fc.constant(of),
        under: fc.constant(under),
        rows: fc.array(fc.record({ key: under.values, value: of.values, weight: weights }), {
          maxLength: 25,
        }),
      }),
    );
    const property = fc.property(cases, ({ of, under, rows }) => {
      const zset = IndexedZSet.from(under.schema, of.schema, rows);
      for (const { key } of rows) {
        const group = sumUp(
          of,
          rows.filter((row) => under.compare(row.key, key) === 0),
        );
        expect(written(zset.get(key))).toEqual(written(group));
        expect(zset.has(key)).toBe(group.length > 0);
        for (const { value, weight } of group) expect(zset.weight(key, value)).toBe(weight);
      }
      const present = [...zset.keys()];
      for (let i = 1; i < present.length; i++)
        expect(under.compare(present[i - 1], present[i])).toBeLessThan(0);
      expect(present.length).toBe(new Set([...zset].map((row) => identify(row.key))).size);
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });

  it("equality is exact: Z-sets of any schema are equal when and only when their rows are", () => {
    const cases = columnCases.chain((of) =>
      fc.record({
        of: fc.constant(of),
        a: fc.array(fc.record({ value: of.values, weight: weights }), { maxLength: 4 }),
        b: fc.array(fc.record({ value: of.values, weight: weights }), { maxLength: 4 }),
      }),
    );
    const property = fc.property(cases, ({ of, a, b }) => {
      const [x, y] = [itemsOf(of, a), itemsOf(of, b)];
      expect(equals(x, y)).toBe(written(sumUp(of, a)).join() === written(sumUp(of, b)).join());
      expect(equals(x, itemsOf(of, [...a].reverse()))).toBe(true);
      expect(add(x, negate(x)).size).toBe(0);
      expect(written([...add(x, y)].map(({ item, weight }) => ({ value: item, weight })))).toEqual(
        written(sumUp(of, [...a, ...b])),
      );
    });
    fc.assert(property, { seed: SEED, numRuns: 200 });
  });

  it("columnar input gives what row input gives", () => {
    const cases = fc.constantFrom(...LEAVES).chain((of) => rowsOfCase(of));
    const property = fc.property(cases, ({ of, rows }) => {
      const schema: z.ZodType = of.schema;
      const columns = { item: rows.map((row) => row.value), weight: rows.map((row) => row.weight) };
      expect(equals(ZSet.fromColumns(schema, columns as never), itemsOf(of, rows))).toBe(true);
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });
});
