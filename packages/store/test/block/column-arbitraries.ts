import fc from "fast-check";
import { binaryColumn, makePart, type Column, type Part } from "@zspine/core/engine";

const SAFE = Number.MAX_SAFE_INTEGER;
const int = (min: number, max: number): fc.Arbitrary<number> =>
  fc.maxSafeInteger().map((value) => {
    const span = max - min;
    return min + (Math.abs(value) % (span < SAFE ? span + 1 : SAFE));
  });

/** Numbers by kind: each column draws all of its numbers from one of these, so that all encodings come up. */
const NUMBERS: readonly fc.Arbitrary<number>[] = [
  fc.constant(0),
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: 0, max: 255 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-SAFE, SAFE, 0, 1, -1),
  int(2 ** 40, 2 ** 41),
  fc.integer({ min: -100000, max: 100000 }).map((cents) => cents / 100 + 0),
  fc.constantFrom(0.1, 1e300, -Infinity, Infinity, 5e-324, -1e-9),
  fc.double({ noNaN: true }).map((value) => value + 0),
];

/** Heads and tails as leaves write them. */
const CELLS: readonly fc.Arbitrary<readonly [head: number, tail: number]>[] = [
  ...NUMBERS.map((number) => number.map((head) => [head, 0] as const)),
  fc.constantFrom([Infinity, 1] as const, [Infinity, 0] as const, [1.5, 0] as const, [-Infinity, 0] as const),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map((value) => split(value)),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 60n + 5000n }).map((value) => split(value)),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n - 1n, 1n).map((value) => split(value)),
];

function split(value: bigint): readonly [head: number, tail: number] {
  const head = Number(value);
  return [head, Number(value - BigInt(head))];
}

const byteString = (unit: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(unit, { maxLength }).map((bytes) => Uint8Array.from(bytes));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const STRINGS: readonly fc.Arbitrary<Uint8Array>[] = [
  fc.constant(text("")),
  fc.constant(text("the same in every row")),
  byteString(fc.integer({ min: 0, max: 1 }), 4),
  byteString(fc.integer({ min: 0, max: 255 }), 20),
  fc.integer({ min: 0, max: 500 }).map((n) => text(`user-${String(n).padStart(6, "0")}`)),
  fc.constantFrom("Lyon", "Paris", "Lyon-Perrache", "").map(text),
  byteString(fc.constant(255), 300),
];

interface Shape {
  readonly rows: number;
  readonly isSorted: boolean;
}

function numericArbitrary({ rows, isSorted }: Shape): fc.Arbitrary<Column> {
  return fc
    .constantFrom(...CELLS)
    .chain((cell) => fc.array(cell, { minLength: rows, maxLength: rows }))
    .map((cells) => {
      const ordered = isSorted ? cells.toSorted((a, b) => compareNumbers(a[0], b[0]) || a[1] - b[1]) : cells;
      const tails = Int16Array.from(ordered, (cell) => cell[1]);
      return {
        kind: "numeric",
        heads: Float64Array.from(ordered, (cell) => cell[0]),
        tails: tails.some((tail) => tail !== 0) ? tails : undefined,
      };
    });
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function binaryArbitrary({ rows, isSorted }: Shape): fc.Arbitrary<Column> {
  return fc
    .constantFrom(...STRINGS)
    .chain((string) => fc.array(string, { minLength: rows, maxLength: rows }))
    .map((cells) => stringsOf(isSorted ? cells.toSorted(compareBytes) : cells));
}

/** A column of byte strings. */
export function stringsOf(cells: readonly Uint8Array[]): Column {
  const starts = new Uint32Array(cells.length + 1);
  cells.forEach((cell, at) => {
    starts[at + 1] = starts[at]! + cell.length;
  });
  const bytes = new Uint8Array(starts[cells.length]!);
  cells.forEach((cell, at) => bytes.set(cell, starts[at]));
  return binaryColumn(starts, bytes);
}

/** The order of byte strings: the first byte in which they differ, then the length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 || at >= b.length ? a.length - b.length : a[at]! - b[at]!;
}

const WEIGHTS: readonly fc.Arbitrary<number>[] = [
  fc.constant(1),
  fc.constantFrom(1, -1),
  fc.integer().filter((weight) => weight !== 0),
  fc.constantFrom(SAFE, -SAFE, 1),
];

/** Parts of up to `most` rows and a few columns of any kind, some in order and some not. */
export function partArbitrary(most: number): fc.Arbitrary<Part> {
  return fc.integer({ min: 1, max: most }).chain((rows) => {
    const column = fc
      .boolean()
      .chain((isSorted) =>
        fc.oneof(numericArbitrary({ rows, isSorted }), binaryArbitrary({ rows, isSorted })),
      );
    const weights = fc
      .constantFrom(...WEIGHTS)
      .chain((weight) => fc.array(weight, { minLength: rows, maxLength: rows }));
    return fc
      .tuple(fc.array(column, { maxLength: 4 }), weights)
      .map(([columns, weight]) => makePart(columns, Float64Array.from(weight)));
  });
}
