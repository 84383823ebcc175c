import { bitsFor } from "./bit-packing.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { checkCodes, entriesMax, findNumbers, type Entries } from "./encoding-dictionary.ts";
import { chooseFlat, DELTA, isConstant, readFlat, writeConstant, writeFlat } from "./encoding-flat.ts";
import { readDivisor, scaleNumbers, unscaleNumbers, type Scaled } from "./encoding-scaled.ts";
import { frameWidth, measureNumbers, type NumberStatistics } from "./number-statistics.ts";

/**
 * Numbers, in the encoding that one pass over them says is the smallest. The flat encodings 0–3 are those of
 * encoding-flat.ts; these hold flat encodings:
 *
 * | encoding | bytes | hold |
 * |---|---|---|
 * | 4 dictionary | 4, flat, flat | how many entries; the entries; for each number the place of its entry |
 * | 5 runs | 4, flat, flat | how many runs; the number of each; the length of each |
 * | 6 scaled | 1, flat | the scale; integers, see encoding-scaled.ts |
 *
 * No numbers take no bytes at all.
 */
export const DICTIONARY = 4;
export const RUNS = 5;
export const SCALED = 6;

/** Bits of the fields beside the numbers, about. */
const OVERHEAD = 176;
// With fewer bits a row than this there is little for a dictionary to win.
const WORTH_ENTRIES = 4;

/** Writes numbers, never NaN nor −0. */
export function writeNumbers(writer: ByteWriter, values: Float64Array): void {
  if (values.length === 0) return;
  // As often as not, as in a batch of one row: nothing else is as small, so nothing is measured.
  if (isConstant(values)) {
    writeConstant(writer, values[0]!);
    return;
  }
  const statistics = measureNumbers(values);
  const flat = chooseFlat(statistics);
  const { count, runs } = statistics;
  let best = flat.bits;
  const runBits = runs * (Math.min(64, frameWidth(statistics)) + bitsFor(count)) + OVERHEAD;
  const isRuns = runBits < best;
  if (isRuns) best = runBits;
  const scaled = scaleIfSmaller(values, statistics, best);
  if (scaled !== undefined) best = scaled.bits;
  const entries = findEntries(values, statistics, best);
  if (entries !== undefined) writeDictionary(writer, values, entries);
  else if (scaled !== undefined) {
    writer.byte(SCALED);
    writer.byte(scaled.scale);
    writeMeasured(writer, scaled.integers);
  } else if (isRuns) writeRuns(writer, values, runs);
  else writeFlat(writer, values, statistics, flat.encoding);
}

/** Reads `count` numbers. The caller bounds the count: a constant of any count takes nine bytes. */
export function readNumbers(reader: ByteReader, count: number): Float64Array {
  if (count === 0) return new Float64Array(0);
  const encoding = reader.byte();
  switch (encoding) {
    case DICTIONARY:
      return readDictionary(reader, count);
    case RUNS:
      return readRuns(reader, count);
    case SCALED: {
      const divisor = readDivisor(reader);
      return unscaleNumbers(readMeasured(reader, count), divisor);
    }
    default:
      if (encoding > DELTA) reader.fail(`numbers have encoding ${encoding}, 0–${SCALED} are expected`);
      return readFlat(reader, count, encoding);
  }
}

/** Reads `count` integers from 0 to `most`. */
export function readIntegers(reader: ByteReader, count: number, most: number): Float64Array {
  const values = readNumbers(reader, count);
  checkIntegers(reader, values, most);
  return values;
}

/** Checks that numbers are integers from 0 to `most`. */
export function checkIntegers(reader: ByteReader, values: Float64Array, most: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= most) || Math.trunc(value) !== value) {
      reader.fail(`a count, length or place is no integer from 0 to ${most}`);
    }
  }
}

function scaleIfSmaller(
  values: Float64Array,
  { isSafe, least, most }: NumberStatistics,
  best: number,
): (Scaled & { readonly bits: number }) | undefined {
  if (isSafe) return undefined;
  const scaled = scaleNumbers(values, least, most);
  if (scaled === undefined) return undefined;
  const bits = chooseFlat(measureNumbers(scaled.integers)).bits + 16;
  return bits < best ? { ...scaled, bits } : undefined;
}

function findEntries(values: Float64Array, statistics: NumberStatistics, best: number): Entries | undefined {
  const { count, runs, leastStep } = statistics;
  const most = entriesMax(count);
  if (best < WORTH_ENTRIES * count || most === 0) return undefined;
  // In order, every run is of a number of its own.
  if (leastStep >= 0 && runs > most) return undefined;
  const found = findNumbers(values, most);
  if (found === undefined) return undefined;
  const entries = found.rows.length;
  const bits = entries * Math.min(64, frameWidth(statistics)) + count * bitsFor(entries - 1) + OVERHEAD;
  return bits < best ? found : undefined;
}

function writeDictionary(writer: ByteWriter, values: Float64Array, { rows, codes }: Entries): void {
  const entries = new Float64Array(rows.length);
  for (let i = 0; i < entries.length; i++) entries[i] = values[rows[i]!]!;
  writer.byte(DICTIONARY);
  writer.uint32(entries.length);
  writeMeasured(writer, entries);
  writeMeasured(writer, codes);
}

function readDictionary(reader: ByteReader, count: number): Float64Array {
  const length = readLength(reader, count);
  const entries = readMeasured(reader, length);
  const values = readMeasured(reader, count);
  checkCodes(reader, values, length);
  for (let i = 0; i < count; i++) values[i] = entries[values[i]!]!;
  return values;
}

function writeRuns(writer: ByteWriter, values: Float64Array, runs: number): void {
  const numbers = new Float64Array(runs);
  const lengths = new Float64Array(runs);
  let run = 0;
  let start = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[start]) continue;
    numbers[run] = values[start]!;
    lengths[run++] = i - start;
    start = i;
  }
  writer.byte(RUNS);
  writer.uint32(runs);
  writeMeasured(writer, numbers);
  writeMeasured(writer, lengths);
}

function readRuns(reader: ByteReader, count: number): Float64Array {
  const runs = readLength(reader, count);
  const numbers = readMeasured(reader, runs);
  const ends = endsOfRuns(reader, readMeasured(reader, runs), count);
  const values = new Float64Array(count);
  let at = 0;
  for (let run = 0; run < runs; run++) {
    values.fill(numbers[run]!, at, ends[run]!);
    at = ends[run]!;
  }
  return values;
}

/** Turns the lengths of runs into the rows after the last of each, in place; they must come to `count`. */
export function endsOfRuns(reader: ByteReader, lengths: Float64Array, count: number): Float64Array {
  let at = 0;
  for (let run = 0; run < lengths.length; run++) {
    const length = lengths[run]!;
    if (!(length >= 1 && length <= count - at) || Math.trunc(length) !== length) {
      reader.fail(`runs of equal numbers do not come to ${count} rows`);
    }
    at += length;
    lengths[run] = at;
  }
  if (at !== count) reader.fail(`runs of equal numbers come to ${at} rows, ${count} are expected`);
  return lengths;
}

/** Reads how many entries or runs stand for `count` rows. */
export function readLength(reader: ByteReader, count: number): number {
  const length = reader.uint32();
  if (length < 1 || length > count) {
    reader.fail(`${length} entries or runs stand for ${count} rows, 1–${count} are expected`);
  }
  return length;
}

function writeMeasured(writer: ByteWriter, values: Float64Array): void {
  const statistics = measureNumbers(values);
  writeFlat(writer, values, statistics, chooseFlat(statistics).encoding);
}

/** Reads numbers in a flat encoding, and the byte that names it. */
export function readMeasured(reader: ByteReader, count: number): Float64Array {
  return readFlat(reader, count, reader.byte());
}
