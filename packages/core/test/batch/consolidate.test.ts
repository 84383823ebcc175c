import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { readRow, Staging } from "../../src/engine.ts";
import { consolidate } from "../../src/batch/consolidate.ts";

const SEED = 20261129;
const MOST = Number.MAX_SAFE_INTEGER;

type Row = readonly [key: string | number, value: number, weight: number];

// They differ in the last bit of the upper half of a double, or in that of the lower.
const near = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.constantFrom(20, 52))
  .map(([k, bits]) => 1.5 + k / 2 ** bits);
const small = fc.integer({ min: -2, max: 2 });
const weight = fc.oneof(small, fc.constantFrom(MOST, -MOST, MOST - 1, 2 - MOST));
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  near,
  // No −0, which is the same value as 0.
  fc.double({ noNaN: true }).map((x) => x + 0),
);
const LONG = ["user-000001", "user-000002", "user-00000"] as const;
const text = fc.oneof(fc.constantFrom("", "a", "a\0", ...LONG), fc.string());
const whole = fc.integer({ min: -300, max: 300 });

/** Sums rows exactly, in order; `undefined` when a sum leaves the range of weights. */
function reference(rows: readonly Row[]): Row[] | undefined {
  const sums = new Map<string, { row: Row; sum: bigint }>();
  for (const row of rows) {
    const id = JSON.stringify([row[0], row[1]]);
    sums.set(id, { row, sum: (sums.get(id)?.sum ?? 0n) + BigInt(row[2]) });
  }
  const left = [...sums.values()].filter(({ sum }) => sum !== 0n);
  if (left.some(({ sum }) => sum > MOST || sum < -MOST)) return undefined;
  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  return left
    .map(({ row, sum }): Row => [row[0], row[1], Number(sum)])
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

/** @param keys So few that rows come to nothing. */
function itConsolidates<K extends string | number>(
  what: string,
  layout: Layout<K, number>,
  key: fc.Arbitrary<K>,
  keys: readonly K[],
): void {
  it(`sorts rows of ${what}, sums equal ones exactly and drops zeros, or refuses a sum out of range`, () => {
    const few = fc.array(fc.tuple(fc.constantFrom(...keys), fc.nat(1), weight), { maxLength: 9 });
    // So many are sorted otherwise.
    const many = fc.array(fc.tuple(key, number, small), { minLength: 129, maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(few, many), (rows) => {
        const staging = new Staging(layout);
        for (const [k, v, w] of rows) staging.push(k as K, v, w);
        const expected = reference(rows);
        if (expected === undefined) {
          const refusal = expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" });
          expect(() => consolidate(staging.peek())).toThrow(refusal);
          return;
        }
        const found = consolidate(staging.peek()).flatMap((part) =>
          Array.from(part.weights, (w, at) => [
            readRow(layout.key, part.columns, at),
            readRow(layout.value, part.columns, at),
            w,
          ]),
        );
        expect(found).toEqual(expected);
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
}

describe("consolidate()", () => {
  itConsolidates("text", layoutOf(z.string(), z.number()), text, LONG);
  itConsolidates("whole numbers", layoutOf(z.int32(), z.number()), whole, [-1, 1]);
  itConsolidates("numbers", layoutOf(z.number(), z.number()), number, [-0.5, 1e300]);
});
