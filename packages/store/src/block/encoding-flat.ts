import { packBits, unpackBits } from "./bit-packing.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { frameWidth, stepWidth, type NumberStatistics } from "./number-statistics.ts";

/**
 * The encodings of numbers that hold no other encoding. After the byte that names it:
 *
 * | encoding | bytes | hold |
 * |---|---|---|
 * | 0 constant | 8 | the number, a double |
 * | 1 plain | 8 · count | doubles |
 * | 2 frame | 8, 1, packed bits | a base; the width; every number less the base |
 * | 3 delta | 8, 8, 1, packed bits | the first number; a base; the width; every step less the base |
 *
 * Frame of reference and delta are for integers within ±(2⁵³ − 1), between which differences are exact.
 */
export const CONSTANT = 0;
export const PLAIN = 1;
export const FRAME = 2;
/** The last of them. */
export const DELTA = 3;

/** The best of the flat encodings, and the bits that it takes. */
export interface FlatChoice {
  readonly encoding: number;
  readonly bits: number;
}

/** Chooses the flat encoding that takes the fewest bits. */
export function chooseFlat(statistics: NumberStatistics): FlatChoice {
  const { count, runs } = statistics;
  if (runs === 1) return { encoding: CONSTANT, bits: 64 };
  const frame = frameWidth(statistics);
  const step = stepWidth(statistics);
  const frameBits = frame < 64 ? frame * count + 72 : Infinity;
  const deltaBits = step < 64 ? step * (count - 1) + 136 : Infinity;
  const plainBits = 64 * count;
  if (deltaBits < frameBits && deltaBits < plainBits) return { encoding: DELTA, bits: deltaBits };
  if (frameBits < plainBits) return { encoding: FRAME, bits: frameBits };
  return { encoding: PLAIN, bits: plainBits };
}

/** Tells whether numbers, at least one, are all the same. */
export function isConstant(values: Float64Array): boolean {
  const first = values[0]!;
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}

/** Writes a number that stands for all. @throws `RangeError` as `writeFlat`. */
export function writeConstant(writer: ByteWriter, value: number): void {
  if (!isHead(value)) throw notWritten();
  writer.byte(CONSTANT);
  writer.float64(value);
}

/**
 * Writes numbers, at least one, in the encoding that was chosen by their statistics.
 *
 * @throws `RangeError` when one is NaN or −0, which could not be read again.
 */
export function writeFlat(
  writer: ByteWriter,
  values: Float64Array,
  statistics: NumberStatistics,
  encoding: number,
): void {
  if (encoding === CONSTANT) {
    writeConstant(writer, values[0]!);
    return;
  }
  writer.byte(encoding);
  switch (encoding) {
    case FRAME: {
      const width = frameWidth(statistics);
      writer.float64(statistics.least + 0);
      writer.byte(width);
      packBits(writer, values, 0, statistics.least, width);
      return;
    }
    case DELTA: {
      const width = stepWidth(statistics);
      writer.float64(values[0]! + 0);
      writer.float64(statistics.leastStep + 0);
      writer.byte(width);
      packBits(writer, stepsOf(values), 1, statistics.leastStep, width);
      return;
    }
    default:
      checkWritten(values);
      writer.float64s(values);
  }
}

/** Reads `count` numbers in the flat encoding `encoding`, at least one. */
export function readFlat(reader: ByteReader, count: number, encoding: number): Float64Array {
  if (encoding === PLAIN) {
    const values = reader.float64s(count);
    checkHeads(reader, values);
    return values;
  }
  // Counts are bounded by who calls, so that three bytes may become a column of one number.
  const first = reader.float64();
  if (encoding === CONSTANT) return new Float64Array(count).fill(first);
  if (encoding === FRAME) {
    const values = new Float64Array(count);
    unpackBits(reader, values, 0, checkSafe(reader, first), reader.byte());
    return values;
  }
  if (encoding !== DELTA) {
    reader.fail(`numbers have encoding ${encoding}, ${CONSTANT}–${DELTA} are expected there`);
  }
  const base = checkSafe(reader, reader.float64());
  const values = new Float64Array(count);
  values[0] = checkSafe(reader, first);
  unpackBits(reader, values, 1, base, reader.byte());
  sumSteps(values);
  return values;
}

function stepsOf(values: Float64Array): Float64Array {
  const steps = new Float64Array(values.length);
  for (let i = 1; i < steps.length; i++) steps[i] = values[i]! - values[i - 1]!;
  return steps;
}

/** Makes numbers of the first and the steps that follow it, in place. */
export function sumSteps(values: Float64Array): void {
  let sum = values[0]!;
  for (let i = 1; i < values.length; i++) {
    sum += values[i]!;
    values[i] = sum;
  }
}

/** Checks what a packed integer is counted from. */
export function checkSafe(reader: ByteReader, value: number): number {
  if (!Number.isSafeInteger(value)) reader.fail("the base of packed integers is none within ±(2^53 − 1)");
  return value;
}

/** Checks numbers that were read as they are. */
export function checkHeads(reader: ByteReader, values: Float64Array): void {
  if (!areHeads(values)) reader.fail("a number is NaN or −0, which no column holds");
}

function checkWritten(values: Float64Array): void {
  if (!areHeads(values)) throw notWritten();
}

function notWritten(): RangeError {
  return new RangeError("the head of a number is NaN or −0; NaN is ∞ with a tail, −0 is 0");
}

function areHeads(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!isHead(values[i]!)) return false;
  return true;
}

function isHead(value: number): boolean {
  return value === value && (value !== 0 || 1 / value > 0);
}
