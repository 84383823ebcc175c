import { copyBytes } from "@zspine/core/engine";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readIntegers, writeNumbers } from "./encoding-numbers.ts";
import { lengthsOf, type Strings, type TextStatistics } from "./text-statistics.ts";

/**
 * The encodings of byte strings that hold no others of their kind. After the byte that names it:
 *
 * | encoding | bytes | hold |
 * |---|---|---|
 * | 0 constant | 4, n | a length; the bytes of the one string that all rows are |
 * | 1 plain | 4, n, numbers, 4, n | the length of a prefix; the prefix of all rows; for each row the length of the rest; the length of all rests; the rests |
 * | 2 front | numbers, numbers, 4, n | for each row its length; for each but the first how many bytes it shares with the row before; the length of all rests; the rests |
 */
export const CONSTANT = 0;
export const PLAIN = 1;
export const FRONT = 2;

/** Byte strings that were read, and how many bytes all of them begin with in common. */
export interface ReadStrings extends Strings {
  readonly skip: number;
}

// The lengths of byte strings are counted in 32 bits.
export const LENGTH_MAX = 0x7fffffff;

/** Writes one string that stands for all rows. */
export function writeConstant(writer: ByteWriter, { starts, bytes }: Strings): void {
  writer.byte(CONSTANT);
  writer.uint32(starts[1]! - starts[0]!);
  writer.raw(bytes.subarray(starts[0], starts[1]));
}

export function readConstant(reader: ByteReader, rows: number): ReadStrings {
  const length = reader.uint32();
  const value = reader.raw(length);
  reader.claim(length * rows);
  const starts = new Uint32Array(rows + 1);
  const bytes = new Uint8Array(length * rows);
  if (length > 0) {
    bytes.set(value);
    // Doubling what is there: a call for each row would cost more than the copying.
    for (let done = length; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
  }
  for (let row = 1; row <= rows; row++) starts[row] = row * length;
  return { starts, bytes, skip: length };
}

/** Writes the strings less a prefix that they have in common. */
export function writePlain(writer: ByteWriter, { starts, bytes }: Strings, prefix: number): void {
  const rows = starts.length - 1;
  const first = starts[0]!;
  writer.byte(PLAIN);
  writer.uint32(prefix);
  writer.raw(bytes.subarray(first, first + prefix));
  writeNumbers(writer, lengthsOf(starts, prefix));
  const total = starts[rows]! - first - rows * prefix;
  writer.uint32(total);
  if (prefix === 0) {
    writer.raw(bytes.subarray(first, starts[rows]));
    return;
  }
  let at = writer.advance(total);
  const to = writer.bytes;
  for (let row = 0; row < rows; row++) {
    at = copyBytes(bytes, starts[row]! + prefix, starts[row + 1]!, to, at);
  }
}

export function readPlain(reader: ByteReader, rows: number): ReadStrings {
  const skip = reader.uint32();
  const prefix = reader.raw(skip);
  const lengths = readIntegers(reader, rows, LENGTH_MAX);
  const rests = reader.raw(reader.uint32());
  reader.claim(rests.length + rows * skip);
  const starts = startsOf(lengths, skip);
  if (starts === undefined || starts[rows]! !== rests.length + rows * skip) return failLengths(reader);
  if (skip === 0) return { starts, bytes: rests.slice(), skip };
  const bytes = new Uint8Array(starts[rows]!);
  let from = 0;
  for (let row = 0; row < rows; row++) {
    const at = copyBytes(prefix, 0, skip, bytes, starts[row]!);
    const end = from + lengths[row]!;
    copyBytes(rests, from, end, bytes, at);
    from = end;
  }
  return { starts, bytes, skip };
}

/** Writes each string less what it begins with in common with the one before. */
export function writeFront(writer: ByteWriter, { starts, bytes }: Strings, statistics: TextStatistics): void {
  const { rows, shared, total, sharedTotal } = statistics;
  writer.byte(FRONT);
  writeNumbers(writer, lengthsOf(starts, 0));
  writeNumbers(writer, shared);
  writer.uint32(total - sharedTotal);
  let at = writer.advance(total - sharedTotal);
  const to = writer.bytes;
  at = copyBytes(bytes, starts[0]!, starts[1]!, to, at);
  for (let row = 1; row < rows; row++) {
    at = copyBytes(bytes, starts[row]! + shared[row - 1]!, starts[row + 1]!, to, at);
  }
}

export function readFront(reader: ByteReader, rows: number): ReadStrings {
  const lengths = readIntegers(reader, rows, LENGTH_MAX);
  const shared = readIntegers(reader, rows - 1, LENGTH_MAX);
  const rests = reader.raw(reader.uint32());
  const starts = startsOf(lengths, 0) ?? reader.fail("byte strings come to more bytes than can be counted");
  reader.claim(starts[rows]!);
  const skip = checkShared(reader, lengths, shared, rests.length);
  const bytes = new Uint8Array(starts[rows]!);
  let from = lengths[0]!;
  copyBytes(rests, 0, from, bytes, 0);
  for (let row = 1; row < rows; row++) {
    const start = starts[row]!;
    const same = shared[row - 1]!;
    const last = starts[row - 1]!;
    const at = copyBytes(bytes, last, last + same, bytes, start);
    const end = from + starts[row + 1]! - at;
    copyBytes(rests, from, end, bytes, at);
    from = end;
  }
  return { starts, bytes, skip };
}

/** Checks what rows share with the rows before. Returns what all of them share. */
export function checkShared(
  reader: ByteReader,
  lengths: Float64Array,
  shared: Float64Array,
  rests: number,
): number {
  let left = lengths[0]!;
  let skip = left;
  for (let row = 1; row < lengths.length; row++) {
    const same = shared[row - 1]!;
    if (same > lengths[row]! || same > lengths[row - 1]!) {
      reader.fail("a byte string shares more with the one before than either has");
    }
    left += lengths[row]! - same;
    if (same < skip) skip = same;
  }
  if (left !== rests) failLengths(reader);
  return skip;
}

/** @throws `ZSPINE_CORRUPT`, always. */
export function failLengths(reader: ByteReader): never {
  return reader.fail("the lengths of byte strings do not come to the bytes that are there");
}

/** Computes where rows begin that have `skip` bytes more than `lengths`; `undefined` when 31 bits do not count them. */
function startsOf(lengths: Float64Array, skip: number): Uint32Array | undefined {
  const rows = lengths.length;
  const starts = new Uint32Array(rows + 1);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    end += lengths[row]! + skip;
    starts[row + 1] = end;
  }
  return end <= LENGTH_MAX ? starts : undefined;
}
