import { numberOf, type Dataset, type Key, type KeyKind } from "./dataset.ts";

/** A row as a user sees it. */
export interface PlainRow {
  readonly key: Key;
  readonly value: number;
  readonly weight: number;
}

/**
 * What a Z-set of some rows must be, found out in the most obvious way: a `Map` from cell to weight, a cell
 * being key and value as one number. Sorted, without zeros. Every benchmark is held to it before it is timed.
 */
export interface Naive {
  readonly rows: number;
  readonly totalWeight: number;
  readonly numbers: Int32Array;
  readonly values: Int32Array;
  readonly weights: Int32Array;
}

const VALUES = 2 ** 21;

/** Adds up the rows of all datasets. */
export function addUp(datasets: readonly Dataset[]): Naive {
  const cells = new Map<number, number>();
  for (const { n, numbers, values, weights } of datasets) {
    for (let row = 0; row < n; row++) {
      const cell = numbers[row]! * VALUES + values[row]!;
      cells.set(cell, (cells.get(cell) ?? 0) + weights[row]!);
    }
  }
  const sorted = Float64Array.from([...cells.keys()].filter((cell) => cells.get(cell) !== 0)).sort();
  const weights = Int32Array.from(sorted, (cell) => cells.get(cell)!);
  return {
    rows: sorted.length,
    totalWeight: weights.reduce((sum, weight) => sum + weight, 0),
    numbers: Int32Array.from(sorted, (cell) => Math.floor(cell / VALUES)),
    values: Int32Array.from(sorted, (cell) => cell % VALUES),
    weights,
  };
}

/** Sums up rows and their order in an unsigned 32-bit number. */
export function checksumOf(rows: Iterable<PlainRow>): number {
  let sum = 0;
  for (const { key, value, weight } of rows) sum = mix(mix(mix(sum, numberOf(key)), value), weight);
  return sum >>> 0;
}

/** Sums up naive rows as {@link checksumOf} does. */
export function checksumOfNaive({ rows, numbers, values, weights }: Naive): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum = mix(mix(mix(sum, numbers[row]!), values[row]!), weights[row]!);
  return sum >>> 0;
}

/** Mixes a word into a checksum. */
export function mix(sum: number, word: number): number {
  const mixed = Math.imul((sum << 5) ^ (sum >>> 27) ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/**
 * What a measured scan adds up, the same whatever way it reads: keys (of texts, the last character), values
 * and weights.
 */
export function scanSumOf(kind: KeyKind, { rows, numbers, values, weights }: Naive): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const key = kind === "int" ? numbers[row]! : 48 + (numbers[row]! % 10);
    sum += key + values[row]! + weights[row]!;
  }
  return sum;
}
