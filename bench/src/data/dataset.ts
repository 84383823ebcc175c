import { z } from "zod";
import type { ColumnarRows } from "@zspine/core";

/** Integer keys (`int32`), or text keys of 13 bytes such as `user-00001234`. Values are `int32`. */
export type KeyKind = "int" | "text";

/** A key of either kind. */
export type Key = number | string;

/** Rows in the order in which they are inserted: some of them equal, one weight in eight −1. */
export interface Dataset {
  readonly kind: KeyKind;
  /** How many rows it has. */
  readonly n: number;
  /** What the keys are made of: even numbers below `2 · n`, so that the odd ones are absent keys. */
  readonly numbers: Int32Array;
  readonly keys: readonly Key[];
  readonly values: Int32Array;
  readonly weights: Int32Array;
}

/** Values are below this, but for those of a delta, which are at least as large. */
const VALUE_LIMIT = 2 ** 21 - 8;

/** The schema of keys of a kind. */
export function keySchemaOf(kind: KeyKind): z.ZodType<number> | z.ZodType<string> {
  return kind === "int" ? z.int32() : z.string();
}

/** Makes `n` rows, the same for the same `n` and kind. */
export function makeDataset(kind: KeyKind, n: number): Dataset {
  const random = randomIntegers(n);
  const numbers = new Int32Array(n);
  const values = new Int32Array(n);
  const weights = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const number = 2 * random(n);
    numbers[row] = number;
    // Few values a key, so that some rows are equal, but values from a wide range, so that they must be sorted.
    values[row] = (Math.imul(number, 0x9e3779b1) >>> 12) + random(4);
    weights[row] = random(8) === 0 ? -1 : 1;
  }
  return { kind, n, numbers, keys: makeKeys(kind, numbers), values, weights };
}

/** Makes the delta of a small commit: `rows` rows that are in no dataset of `n` rows. */
export function makeDelta(kind: KeyKind, n: number, rows: number, weight: number): Dataset {
  const random = randomIntegers(rows);
  const numbers = Int32Array.from({ length: rows }, () => 2 * random(n));
  const values = Int32Array.from({ length: rows }, (_, row) => VALUE_LIMIT + (row % 8));
  const weights = new Int32Array(rows).fill(weight);
  return { kind, n: rows, numbers, keys: makeKeys(kind, numbers), values, weights };
}

/** Picks `count` of the numbers at random; with `offset` 1, numbers that are in no dataset. */
export function pickNumbers(numbers: ArrayLike<number>, count: number, offset: 0 | 1): Int32Array {
  const random = randomIntegers(count);
  return Int32Array.from({ length: count }, () => numbers[random(numbers.length)]! + offset);
}

/** Makes keys of numbers. Texts are flat strings of their own, as a parser gives them. */
export function makeKeys(kind: KeyKind, numbers: Int32Array): Key[] {
  if (kind === "int") return Array.from(numbers);
  return JSON.parse(JSON.stringify(Array.from(numbers, textOf))) as string[];
}

/** Tells the number that a key was made of; −1 when it is no such key. */
export function numberOf(key: Key): number {
  if (typeof key === "number") return key;
  const number = Number(key.slice(5));
  return key === textOf(number) ? number : -1;
}

/** Gives rows `[from, to)`. */
export function sliceDataset(dataset: Dataset, from: number, to: number): Dataset {
  return {
    kind: dataset.kind,
    n: to - from,
    numbers: dataset.numbers.subarray(from, to),
    keys: dataset.keys.slice(from, to),
    values: dataset.values.subarray(from, to),
    weights: dataset.weights.subarray(from, to),
  };
}

/** Gives the rows as columns to insert: typed arrays where there are numbers. */
export function columnsOf({ kind, numbers, keys, values, weights }: Dataset): ColumnarRows<Key, number> {
  return { key: kind === "int" ? numbers : keys, value: values, weight: weights };
}

function textOf(number: number): string {
  return `user-${String(number).padStart(8, "0")}`;
}

/** Random integers from 0 up to but not `limit`: xorshift32 (Marsaglia, 2003). */
export function randomIntegers(seed: number): (limit: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 4294967296) * limit);
  };
}
