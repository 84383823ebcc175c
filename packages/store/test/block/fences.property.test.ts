import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRows, makePart, type Part } from "@zspine/core/engine";
import { fencesOf } from "../../src/block/fences.ts";
import { compareBytes, stringsOf } from "./column-arbitraries.ts";
import { numbers, partOf, strings } from "./samples.ts";

const SEED = 20261122;

type Row = readonly [Uint8Array, number, Uint8Array, number];

/** Long byte strings that are alike where they are cut, and the strings that lie between them. */
const cell = fc
  .tuple(
    fc.constantFrom(0, 97, 255),
    fc.constantFrom(0, 1, 254, 255, 256, 257, 300),
    fc.array(fc.constantFrom(0, 97, 98, 255), { maxLength: 3 }),
  )
  .map(([byte, length, end]) => Uint8Array.from([...Array.from({ length }, () => byte), ...end]));
const number = fc.integer({ min: -1, max: 1 });
const row: fc.Arbitrary<Row> = fc.tuple(cell, number, cell, number);

function compare(a: Row, b: Row): number {
  return compareBytes(a[0], b[0]) || a[1] - b[1] || compareBytes(a[2], b[2]) || a[3] - b[3];
}

function partOfRows(rows: readonly Row[]): Part {
  const columns = [
    stringsOf(rows.map((cells) => cells[0])),
    numbers(rows.map((cells) => cells[1])),
    stringsOf(rows.map((cells) => cells[2])),
    numbers(rows.map((cells) => cells[3])),
  ];
  return makePart(columns, new Float64Array(rows.length).fill(1));
}

const order = (a: Part, i: number, b: Part, j: number): number => compareRows(a, i, b, j, 0, 4);

describe("fencesOf()", () => {
  it("bounds every block from both sides and keeps their order, wherever long byte strings are cut", () => {
    const property = fc.property(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.nat(3),
      (given, blockRows) => {
        const rows = given.toSorted(compare);
        const parts: Part[] = [];
        for (let at = 0; at < rows.length; at += blockRows + 1) {
          parts.push(partOfRows(rows.slice(at, at + blockRows + 1)));
        }
        const { lowers, uppers } = fencesOf(parts);
        parts.forEach((part, block) => {
          expect(order(lowers, block, part, 0)).toBeLessThanOrEqual(0);
          expect(order(uppers, block, part, part.weights.length - 1)).toBeGreaterThanOrEqual(0);
          if (block === 0) return;
          expect(order(lowers, block - 1, lowers, block)).toBeLessThanOrEqual(0);
          expect(order(uppers, block - 1, uppers, block)).toBeLessThanOrEqual(0);
        });
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 5000 });
  });

  it("gives first and last rows as they are when no byte string is long", () => {
    const part = partOf([strings(["a", "b", "c"]), numbers([3, 2, 1])]);
    const { lowers, uppers } = fencesOf([part]);
    expect(lowers.columns).toEqual([strings(["a"]), numbers([3])]);
    expect(uppers.columns).toEqual([strings(["c"]), numbers([1])]);
  });

  it("keeps fences small when rows are long", () => {
    const part = partOf([strings(["x".repeat(1e6), "y".repeat(1e6)]), strings(["z".repeat(1e6), "z"])]);
    const { lowers, uppers } = fencesOf([part]);
    expect(lowers.bytes + uppers.bytes).toBeLessThan(700);
  });

  it("keeps an upper row as it is when all bytes that would be left of it are 255", () => {
    const high = new Uint8Array(300).fill(255);
    const part = makePart([stringsOf([high]), numbers([5])], Float64Array.of(1));
    expect(fencesOf([part]).uppers.columns).toEqual([stringsOf([high]), numbers([5])]);
  });

  it("gives no fences when there are no blocks", () => {
    expect(fencesOf([]).lowers.weights.length).toBe(0);
  });
});
