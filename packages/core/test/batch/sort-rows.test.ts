import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { compareRows, Staging, type Part } from "../../src/engine.ts";
import { sortColumns } from "../../src/batch/sort-rows.ts";

/** A generator of numbers below `limit`, the same for the same seed. */
function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state ^ (state >>> 12)) >>> 0) % limit;
  };
}

function partOf<K, V>(
  layout: Layout<K, V>,
  rows: number,
  keyOf: (at: number) => K,
  valueOf: (at: number) => V,
): Part {
  const staging = new Staging(layout);
  for (let at = 0; at < rows; at++) staging.push(keyOf(at), valueOf(at), 1);
  return staging.peek();
}

describe("sortColumns(), of which sortRows() gives the rows,", () => {
  const odd = [Infinity, -Infinity, NaN, -0, 0, 0.5, 2 ** 60, -(2 ** 40)];
  // From keys that tell rows apart to one key for all: sorted by the first column and runs, or by all columns.
  for (const keys of [1_000_000, 3000, 400, 20, 1]) {
    it(`gives rows in order, equal ones as they came, of ${keys} keys`, () => {
      for (const rows of [2, 96, 97, 1000, 1025, 5000]) {
        const next = chance(keys + rows);
        const longOf = (n: number): string => `${"long prefix ".repeat(n % 3)}${n}`;
        const parts = [
          partOf(
            layoutOf(z.int32(), z.int32()),
            rows,
            () => next(keys),
            () => next(50),
          ),
          partOf(
            layoutOf(z.number(), z.number()),
            rows,
            () => odd[next(keys)] ?? next(keys) / 3,
            () => odd[next(8)]!,
          ),
          partOf(
            layoutOf(z.string(), z.string()),
            rows,
            () => longOf(next(keys)),
            () => longOf(next(9)),
          ),
          partOf(
            layoutOf(z.int64(), z.int32()),
            rows,
            () => 2n ** 60n + BigInt(next(keys)),
            () => next(3),
          ),
          // One key among many that has a long run.
          partOf(
            layoutOf(z.int32(), z.int32()),
            rows,
            () => (next(10) === 0 ? 7 : next(keys)),
            () => next(50),
          ),
        ];
        for (const part of parts) {
          const width = part.columns.length;
          const expected = Array.from({ length: rows }, (_, row) => row).sort(
            (a, b) => compareRows(part, a, part, b, 0, width) || a - b,
          );
          const sorted = sortColumns(part);
          expect([...(sorted?.rows ?? expected.keys())]).toEqual(expected);
          // What is left of the heads is what gathering them gives.
          sorted?.heads.forEach((heads, column) => {
            if (heads !== undefined)
              expect([...heads]).toEqual(expected.map((row) => part.columns[column]!.heads[row]));
          });
        }
      }
    });
  }
});
