import type { ByteReader } from "./byte-reader.ts";

/**
 * Numbers as integers by which a divisor was multiplied: prices and measurements have few decimals, and a
 * 64-bit integer beyond 2⁵³ has the nearest double for its head, which a power of two divides. The byte that
 * tells the divisor, called the scale:
 *
 * | scale | divisor |
 * |---|---|
 * | 1–9 | 10^scale |
 * | 17–27 | 2^(16 − scale) |
 *
 * A number is stored so only if dividing gives back exactly its double.
 */

// Written out: not every engine's power of ten is the exact one.
const TENS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const DIGITS_MAX = 9;
const BINARY = 16;
const SHIFT_MAX = 11;
const SAFE = Number.MAX_SAFE_INTEGER;

/** Gives the divisor of a scale; `undefined` when there is no such scale. */
function divisorOf(scale: number): number | undefined {
  if (scale >= 1 && scale <= DIGITS_MAX) return TENS[scale];
  if (scale > BINARY && scale <= BINARY + SHIFT_MAX) return 1 / (1 << (scale - BINARY));
  return undefined;
}

/** Numbers as integers. */
export interface Scaled {
  readonly scale: number;
  readonly integers: Float64Array;
}

const SAMPLES = 16;

/** Scales `values` of the given extremes to integers within ±(2⁵³ − 1); `undefined` when it cannot be done. */
export function scaleNumbers(values: Float64Array, least: number, most: number): Scaled | undefined {
  const magnitude = Math.max(most, -least);
  if (magnitude === Infinity) return undefined;
  const scale = magnitude > SAFE ? binaryScale(magnitude) : decimalScale(values);
  const divisor = divisorOf(scale);
  if (divisor === undefined || magnitude * divisor > SAFE) return undefined;
  const integers = new Float64Array(values.length);
  for (let i = 0; i < integers.length; i++) {
    const value = values[i]!;
    // Adding 0 makes 0 of the −0 that a tiny negative number rounds to.
    const integer = Math.round(value * divisor) + 0;
    if (integer / divisor !== value) return undefined;
    integers[i] = integer;
  }
  return { scale, integers };
}

/** Reads the scale of numbers, and gives the divisor that it stands for. */
export function readDivisor(reader: ByteReader): number {
  const scale = reader.byte();
  return divisorOf(scale) ?? reader.fail(`numbers have scale ${scale}, 1–9 or 17–27 are expected`);
}

/** Turns integers back, in place. */
export function unscaleNumbers(integers: Float64Array, divisor: number): Float64Array {
  for (let i = 0; i < integers.length; i++) integers[i] = integers[i]! / divisor;
  return integers;
}

function binaryScale(magnitude: number): number {
  let scale = BINARY;
  for (; magnitude > SAFE; magnitude /= 2) scale++;
  return scale;
}

/** Finds the decimals that some of the numbers have; those that need more are found out later. */
function decimalScale(values: Float64Array): number {
  const stride = Math.max(1, Math.floor(values.length / SAMPLES));
  let digits = 1;
  for (let i = 0; i < values.length; i += stride) {
    const value = values[i]!;
    while (Math.round(value * TENS[digits]!) / TENS[digits]! !== value) if (++digits > DIGITS_MAX) return 0;
  }
  return digits;
}
