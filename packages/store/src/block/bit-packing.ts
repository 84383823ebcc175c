import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * Whole numbers in `width` bits each, 0–53, the first in the lowest bits of the first byte:
 *
 * | bytes | hold |
 * |---|---|
 * | ⌈count · min(width, 32) / 8⌉ | the lowest 32 bits of every number, one after another |
 * | ⌈count · (width − 32) / 8⌉ | the bits above them, where width > 32 |
 *
 * Two planes, because JavaScript has no fast integers of more than 32 bits.
 */

/** The most bits that a number takes: all whole numbers that a double tells apart. */
export const WIDTH_MAX = 53;

const TWO_32 = 4294967296;

/** Counts the bits that tell the whole numbers from 0 to `range`, at most 2⁵³ − 1, apart. */
export function bitsFor(range: number): number {
  return range < TWO_32 ? 32 - Math.clz32(range) : 64 - Math.clz32(Math.floor(range / TWO_32));
}

/** Packs `values[i] − base` of the rows from `from` on, which must take at most `width` bits. */
export function packBits(
  writer: ByteWriter,
  values: Float64Array,
  from: number,
  base: number,
  width: number,
): void {
  if (width === 0) return;
  packLow(writer, values, from, base, Math.min(width, 32));
  if (width > 32) packHigh(writer, values, from, base, width - 32);
}

function packLow(writer: ByteWriter, values: Float64Array, from: number, base: number, width: number): void {
  const bits = (values.length - from) * width;
  const words = new Uint32Array(Math.ceil(bits / 32));
  fillWords(words, values, from, base, width);
  writer.bits(words, Math.ceil(bits / 8));
}

// By itself: a first call with many rows is optimized within its loop, and later ones of few would leave the code behind it.
function fillWords(
  words: Uint32Array,
  values: Float64Array,
  from: number,
  base: number,
  width: number,
): void {
  let at = 0;
  let word = 0;
  let filled = 0;
  for (let i = from; i < values.length; i++) {
    const bits = (values[i]! - base) | 0;
    word |= bits << filled;
    filled += width;
    if (filled >= 32) {
      words[at++] = word;
      filled -= 32;
      // What did not fit; a shift by 32 would be one by 0.
      word = filled === 0 ? 0 : bits >>> (width - filled);
    }
  }
  if (filled > 0) words[at] = word;
}

function packHigh(writer: ByteWriter, values: Float64Array, from: number, base: number, width: number): void {
  const high = new Float64Array(values.length - from);
  for (let i = 0; i < high.length; i++) high[i] = Math.floor((values[from + i]! - base) / TWO_32);
  packLow(writer, high, 0, 0, width);
}

/** Unpacks numbers of `width` bits into `values` from `from` on, and adds `base` to each. */
export function unpackBits(
  reader: ByteReader,
  values: Float64Array,
  from: number,
  base: number,
  width: number,
): void {
  if (width > WIDTH_MAX) reader.fail(`numbers have ${width} bits, at most ${WIDTH_MAX} are expected`);
  if (width === 0) {
    values.fill(base, from);
    return;
  }
  const count = values.length - from;
  const words = reader.bits(Math.ceil((count * Math.min(width, 32)) / 8));
  if (width <= 32) {
    unpackLow(words, values, from, base, width);
    return;
  }
  unpackLow(words, values, from, 0, 32);
  addHigh(reader.bits(Math.ceil((count * (width - 32)) / 8)), values, from, base, width - 32);
}

function unpackLow(
  words: Uint32Array,
  values: Float64Array,
  from: number,
  base: number,
  width: number,
): void {
  const mask = width === 32 ? -1 : (1 << width) - 1;
  const count = values.length;
  let position = 0;
  for (let i = from; i < count; i++) {
    const at = position >>> 5;
    const shift = position & 31;
    // The two shifts on the right are one by 32 − shift, which JavaScript would take for 0 where shift is 0.
    const bits = ((words[at]! >>> shift) | ((words[at + 1]! << 1) << (31 - shift))) & mask;
    values[i] = base + (bits >>> 0);
    position += width;
  }
}

function addHigh(words: Uint32Array, values: Float64Array, from: number, base: number, width: number): void {
  const mask = (1 << width) - 1;
  const count = values.length;
  let position = 0;
  for (let i = from; i < count; i++) {
    const at = position >>> 5;
    const shift = position & 31;
    const bits = ((words[at]! >>> shift) | ((words[at + 1]! << 1) << (31 - shift))) & mask;
    // The two planes first: their sum is exact, and so is the sum with the base.
    values[i] = base + (bits * TWO_32 + values[i]!);
    position += width;
  }
}
