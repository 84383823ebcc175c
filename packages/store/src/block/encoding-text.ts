import { copyBytes } from "@zspine/core/engine";
import { bitsFor } from "./bit-packing.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { checkCodes, entriesMax, findStrings, type Entries } from "./encoding-dictionary.ts";
import { readNumbers, writeNumbers } from "./encoding-numbers.ts";
import {
  CONSTANT,
  FRONT,
  PLAIN,
  readConstant,
  readFront,
  readPlain,
  writeConstant,
  writeFront,
  writePlain,
  type ReadStrings,
} from "./encoding-strings.ts";
import { measureStrings, type Strings, type TextStatistics } from "./text-statistics.ts";

/**
 * Byte strings, in the encoding that one pass over them says is the smallest. Encodings 0–2 are those of
 * encoding-strings.ts; one holds another of them:
 *
 * | encoding | bytes | hold |
 * |---|---|---|
 * | 3 dictionary | 4, encoding 0–2, numbers | how many entries; the entries; for each row the place of its entry |
 *
 * No strings take no bytes at all.
 */
export const DICTIONARY = 3;

/** Bits of the fields beside the strings, about. */
const OVERHEAD = 400;
// With fewer bits a row than this there is little for a dictionary to win.
const WORTH_ENTRIES = 8;

/**
 * Writes byte strings, of which all begin with `skip` bytes in common.
 *
 * @param isLiteral Writes all bytes as they are, whatever that takes, so that reading makes no more of them.
 */
export function writeText(writer: ByteWriter, strings: Strings, skip: number, isLiteral: boolean): void {
  if (strings.starts.length === 1) return;
  if (isLiteral) {
    writePlain(writer, strings, 0);
    return;
  }
  const statistics = measureStrings(strings, skip);
  const entries = findEntries(strings, statistics);
  if (entries === undefined) writeMeasured(writer, strings, statistics);
  else {
    writer.byte(DICTIONARY);
    writer.uint32(entries.rows.length);
    const distinct = pickStrings(strings, entries.rows);
    writeMeasured(writer, distinct, measureStrings(distinct, skip));
    writeNumbers(writer, entries.codes);
  }
}

/** Reads the byte strings of `rows` rows. */
export function readText(reader: ByteReader, rows: number): ReadStrings {
  if (rows === 0) return { starts: new Uint32Array(1), bytes: new Uint8Array(0), skip: 0 };
  const encoding = reader.byte();
  if (encoding !== DICTIONARY) return readStrings(reader, rows, encoding);
  const entries = readEntries(reader, rows);
  const codes = readNumbers(reader, rows);
  checkCodes(reader, codes, entries.starts.length - 1);
  return expandStrings(entries, codes, reader);
}

/** Reads the entries of a dictionary for `rows` rows. */
export function readEntries(reader: ByteReader, rows: number): ReadStrings {
  const length = reader.uint32();
  if (length < 1 || length > rows) {
    reader.fail(`${length} entries stand for ${rows} rows, 1–${rows} are expected`);
  }
  return readStrings(reader, length, reader.byte());
}

function plainBits({ rows, total, prefix, leastLength, mostLength }: TextStatistics): number {
  return rows * bitsFor(mostLength - leastLength) + (total - rows * prefix) * 8;
}

function frontBits(statistics: TextStatistics): number {
  const { rows, total, prefix, leastLength, mostLength, sharedTotal, mostShared } = statistics;
  return (
    rows * (bitsFor(mostLength - leastLength) + bitsFor(mostShared - prefix)) + (total - sharedTotal) * 8
  );
}

function writeMeasured(writer: ByteWriter, strings: Strings, statistics: TextStatistics): void {
  if (statistics.runs === 1) writeConstant(writer, strings);
  else if (frontBits(statistics) < plainBits(statistics)) writeFront(writer, strings, statistics);
  else writePlain(writer, strings, statistics.prefix);
}

function readStrings(reader: ByteReader, rows: number, encoding: number): ReadStrings {
  switch (encoding) {
    case CONSTANT:
      return readConstant(reader, rows);
    case PLAIN:
      return readPlain(reader, rows);
    case FRONT:
      return readFront(reader, rows);
    default:
      return reader.fail(`byte strings have encoding ${encoding}, which is not expected there`);
  }
}

function findEntries(strings: Strings, statistics: TextStatistics): Entries | undefined {
  const { rows, runs, isSorted, total, prefix } = statistics;
  const most = entriesMax(rows);
  const best = Math.min(plainBits(statistics), frontBits(statistics));
  if (runs === 1 || most === 0 || best < WORTH_ENTRIES * rows) return undefined;
  // In order, every run is of a string of its own.
  if (isSorted && runs > most) return undefined;
  const found = findStrings(strings.starts, strings.bytes, most);
  if (found === undefined) return undefined;
  const entries = found.rows.length;
  const codeBits = Math.min(rows * bitsFor(entries - 1), runs * (bitsFor(entries - 1) + bitsFor(rows)));
  const entryBits = entries * 8 * (total / rows - prefix + 1);
  return entryBits + codeBits + OVERHEAD < best ? found : undefined;
}

function pickStrings({ starts, bytes }: Strings, rows: Uint32Array): Strings {
  const picked = new Uint32Array(rows.length + 1);
  let end = 0;
  for (let i = 0; i < rows.length; i++) {
    end += starts[rows[i]! + 1]! - starts[rows[i]!]!;
    picked[i + 1] = end;
  }
  const copy = new Uint8Array(end);
  for (let i = 0; i < rows.length; i++) {
    copyBytes(bytes, starts[rows[i]!]!, starts[rows[i]! + 1]!, copy, picked[i]!);
  }
  return { starts: picked, bytes: copy };
}

/** Makes the string of each code. @param reader Allows for what they come to; missing where that has been seen to. */
export function expandStrings(entries: ReadStrings, codes: Float64Array, reader?: ByteReader): ReadStrings {
  const rows = codes.length;
  const { starts: from, bytes: source, skip } = entries;
  let total = 0;
  for (let row = 0; row < rows; row++) total += from[codes[row]! + 1]! - from[codes[row]!]!;
  reader?.claim(total);
  const starts = new Uint32Array(rows + 1);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const entry = codes[row]!;
    at = copyBytes(source, from[entry]!, from[entry + 1]!, bytes, at);
    starts[row + 1] = at;
  }
  return { starts, bytes, skip };
}
