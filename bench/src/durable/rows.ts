import type { Key, KeyKind } from "../data/dataset.ts";
import { mix } from "../data/naive.ts";
import type { Tally } from "./tally.ts";

/** Rows that follow each other in a source. */
export interface Piece {
  readonly kind: KeyKind;
  readonly length: number;
  /** What the keys are made of. */
  readonly numbers: Int32Array;
  /** The keys; of integers the numbers themselves. */
  readonly keys: Int32Array | readonly string[];
  readonly values: Int32Array;
  readonly weights: Int32Array;
}

/** Bytes of a key: an `int32`, or text such as `id-012345678`. */
export const KEY_BYTES: Readonly<Record<KeyKind, number>> = { int: 4, text: 12 };

/** Bytes of a row, key and value, without its weight. */
export function rowBytesOf(kind: KeyKind): number {
  return KEY_BYTES[kind] + 4;
}

/**
 * Rows of random key and value, as many as are asked for, the same for the same kind and seed. They are distinct,
 * so that a row per entry in a key-value store need not read before it writes. Keys of integers are from all
 * `int32`, of texts from 10⁹; one row in eight has the key of the row before it, one has weight −1.
 */
export class RowSource {
  readonly kind: KeyKind;
  private readonly random: () => number;
  private row = 0;
  private number = 0;

  constructor(kind: KeyKind, seed: number) {
    this.kind = kind;
    this.random = randomWords(seed);
  }

  next(length: number): Piece {
    const numbers = new Int32Array(length);
    const values = new Int32Array(length);
    const weights = new Int32Array(length);
    for (let at = 0; at < length; at++, this.row++) {
      if (this.row % 8 !== 7) this.number = numberFrom(this.kind, this.random());
      numbers[at] = this.number;
      values[at] = this.random();
      weights[at] = weightOf(this.row);
    }
    return { kind: this.kind, length, numbers, keys: keysOf(this.kind, numbers), values, weights };
  }
}

/** The weight of a row of a source. */
export function weightOf(row: number): number {
  return row % 8 === 3 ? -1 : 1;
}

/** Gives rows `[from, to)` of a piece as columns to insert. */
export function columnsOfPiece({ keys, values, weights }: Piece, from: number, to: number) {
  const key = Array.isArray(keys) ? keys.slice(from, to) : (keys as Int32Array).subarray(from, to);
  return { key, value: values.subarray(from, to), weight: weights.subarray(from, to) };
}

/** Adds up a piece in the most obvious way. */
export function tallyPiece(tally: Tally, { length, numbers, values, weights }: Piece): void {
  for (let at = 0; at < length; at++) tally.add(numbers[at]!, values[at]!, weights[at]!);
}

/** Tells the number that a key was made of. */
export function numberOfKey(key: Key): number {
  return typeof key === "number" ? key : Number(key.slice(3));
}

/** Makes keys of numbers. Texts are flat strings of their own, as a parser gives them. */
export function keysOf(kind: KeyKind, numbers: Int32Array): Int32Array | string[] {
  if (kind === "int") return numbers;
  const texts = Array.from(numbers, (number) => `id-${String(number).padStart(9, "0")}`);
  return JSON.parse(JSON.stringify(texts)) as string[];
}

/** Makes a number for a key of a random word. */
export function numberFrom(kind: KeyKind, word: number): number {
  return kind === "int" ? word : Math.floor(((word >>> 0) / 2 ** 32) * 1e9);
}

/** Random 32-bit integers, with sign: a counter, hashed (Steele, Lea and Flood, 2014). */
export function randomWords(seed: number): () => number {
  let counter = mix(0x2545f491, seed);
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let word = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
}
