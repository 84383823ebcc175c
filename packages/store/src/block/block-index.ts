import { isValueName } from "@zspine/core";
import { makePart, type ColumnKind, type Part } from "@zspine/core/engine";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { corrupt } from "./damage.ts";
import { readColumns, writeColumns } from "./encoding-columns.ts";
import { readNumbers, writeNumbers } from "./encoding-numbers.ts";
import { readText, writeText } from "./encoding-text.ts";
import type { Fences } from "./fences.ts";
import { HEADER_BYTES, seal, unseal } from "./header.ts";
import type { BlockIdentity } from "./identity.ts";

/** Where a block of a batch lies, and what a reader knows of it without reading it. */
export interface BlockEntry {
  /** The place of the value that it lies in among the index's values. */
  readonly value: number;
  /** Where it begins in the value, and how many bytes it has. */
  readonly offset: number;
  readonly length: number;
  /** The CRC-32 of the block's bytes as they are stored. */
  readonly checksum: number;
  /** How many bytes its filter has, which follows it at once; 0 when it has none. */
  readonly filterLength: number;
  readonly identity: BlockIdentity;
  readonly rows: number;
  readonly totalWeight: number;
  readonly weightBound: number;
  /** The bytes of the part that it is decoded to. */
  readonly residentBytes: number;
  /** The least and the greatest time of its rows, where rows have times; 0 where they have none. */
  readonly least: number;
  readonly most: number;
}

/** The blocks of a batch, in the order of their rows. */
export interface BatchIndex extends Fences {
  /** The names of the values that blocks lie in, and at most one more, in which the index itself lies. */
  readonly values: readonly string[];
  /** How many bytes each of them has; 0 for the one in which the index lies, whose end is the index's own. */
  readonly valueBytes: readonly number[];
  readonly entries: readonly BlockEntry[];
}

/** An index whose fences are still bytes: what is known of it without its schema. */
export interface EncodedFencesIndex {
  readonly values: readonly string[];
  readonly valueBytes: readonly number[];
  readonly entries: readonly BlockEntry[];
  /** The fences, encoded; for {@link decodeFences}. */
  readonly fences: Uint8Array;
}

/**
 * Encodes the index of a batch. What is in it:
 *
 * | part | hold |
 * |---|---|
 * | header, magic `ZSPI` | see header.ts |
 * | 4 · entries | the checksums, 4 bytes each |
 * | numbers, 13 times | the other fields of all entries, in the order of `BlockEntry`; see encoding-numbers.ts |
 * | 4 | how many values there are |
 * | text | their names; see encoding-text.ts |
 * | numbers | their lengths in bytes |
 * | 4 | how many bytes the lower fences have |
 * | columns | the lower fences; see encoding-columns.ts |
 * | columns | the upper fences, to the end |
 *
 * @throws `RangeError` when values and fences do not fit the entries, or a field does not fit the format.
 */
export function encodeIndex(index: BatchIndex, identity: BlockIdentity): Uint8Array {
  const { values, valueBytes, entries, lowers, uppers } = index;
  checkIndex(index);
  const writer = new ByteWriter(
    HEADER_BYTES + entries.length * 64 + lowers.bytes + uppers.bytes,
    HEADER_BYTES,
  );
  for (let at = 0; at < entries.length; at++) writer.uint32(entries[at]!.checksum);
  const numbers = new Float64Array(entries.length);
  for (const field of FIELDS) {
    for (let at = 0; at < entries.length; at++) numbers[at] = field(entries[at]!);
    writeNumbers(writer, numbers);
  }
  writer.uint32(values.length);
  writeNames(writer, values);
  writeNumbers(writer, Float64Array.from(valueBytes));
  const at = writer.advance(4);
  writeColumns(writer, lowers.columns);
  new DataView(writer.bytes.buffer).setUint32(at, writer.length - at - 4, true);
  writeColumns(writer, uppers.columns);
  return seal(writer, "ZSPI", identity, entries.length, 0);
}

/**
 * Decodes the index of a batch, all but its fences.
 *
 * @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT` as `decodeBlock`.
 */
export function decodeIndex(bytes: Uint8Array, identity: BlockIdentity, where: string): EncodedFencesIndex {
  const { rows: count, columns, compression, body } = unseal(bytes, "ZSPI", identity, where);
  if (columns !== 0 || compression !== 0)
    throw corrupt(where, "an index has neither columns nor compression");
  const reader = new ByteReader(body, where);
  // These first: they bound the count by the bytes that are there.
  const checksums = reader.uint32s(count);
  const fields = FIELDS.map(() => readNumbers(reader, count));
  const valueCount = reader.uint32();
  if (valueCount > count + 1) reader.fail(`${valueCount} values hold ${count} blocks`);
  const values = readNames(reader, valueCount);
  const valueBytes = Array.from(readNumbers(reader, valueCount));
  if (!valueBytes.every((length) => isCount(length, 0, Number.MAX_SAFE_INTEGER))) {
    reader.fail("a value has a length that is out of its range");
  }
  const entries = Array.from(checksums, (checksum, at) => entryOf(fields, at, checksum));
  for (const entry of entries) {
    if (!isEntry(entry, valueCount)) reader.fail("an entry holds a number that is out of its range");
  }
  return { values, valueBytes, entries, fences: reader.raw(reader.remaining).slice() };
}

/**
 * Decodes the fences of an index.
 *
 * @param kinds How the columns of the rows are laid out, by the schema.
 * @throws `ZSPINE_CORRUPT` when they are damaged or of other columns.
 */
export function decodeFences(
  index: EncodedFencesIndex,
  kinds: readonly ColumnKind[],
  where: string,
): BatchIndex {
  const { values, valueBytes, entries, fences } = index;
  const reader = new ByteReader(fences, where);
  const lowers = readFences(reader.raw(reader.uint32()), kinds, entries.length, where);
  const uppers = readFences(reader.raw(reader.remaining), kinds, entries.length, where);
  return { values, valueBytes, entries, lowers, uppers };
}

type Field = (entry: BlockEntry) => number;

/** The numbers of an entry but for its checksum, in the order in which they are stored. */
const FIELDS: readonly Field[] = [
  (entry) => entry.value,
  (entry) => entry.offset,
  (entry) => entry.length,
  (entry) => entry.filterLength,
  (entry) => entry.identity.writer,
  (entry) => entry.identity.batch,
  (entry) => entry.identity.number,
  (entry) => entry.rows,
  (entry) => entry.totalWeight,
  (entry) => entry.weightBound,
  (entry) => entry.residentBytes,
  (entry) => entry.least,
  (entry) => entry.most,
];

function entryOf(fields: readonly Float64Array[], at: number, checksum: number): BlockEntry {
  const field = (number: number): number => fields[number]![at]!;
  return {
    value: field(0),
    offset: field(1),
    length: field(2),
    checksum,
    filterLength: field(3),
    identity: { writer: field(4), batch: field(5), number: field(6) },
    rows: field(7),
    totalWeight: field(8),
    weightBound: field(9),
    residentBytes: field(10),
    least: field(11),
    most: field(12),
  };
}

function isEntry(entry: BlockEntry, values: number): boolean {
  const { identity } = entry;
  return (
    isCount(entry.value, 0, values - 1) &&
    isCount(entry.offset, 0, Number.MAX_SAFE_INTEGER) &&
    isCount(entry.length, HEADER_BYTES, UINT32_MAX) &&
    isCount(entry.checksum, 0, UINT32_MAX) &&
    isCount(entry.filterLength, 0, UINT32_MAX) &&
    isCount(identity.writer, 0, UINT32_MAX) &&
    isCount(identity.batch, 0, UINT32_MAX) &&
    isCount(identity.number, 0, UINT32_MAX) &&
    isCount(entry.rows, 1, UINT32_MAX) &&
    // A sum of weights, which need not be within their range.
    Number.isInteger(entry.totalWeight) &&
    isCount(entry.weightBound, 1, Number.MAX_SAFE_INTEGER) &&
    isCount(entry.residentBytes, 0, Number.MAX_SAFE_INTEGER) &&
    isCount(entry.least, -Number.MAX_SAFE_INTEGER, entry.most) &&
    isCount(entry.most, entry.least, Number.MAX_SAFE_INTEGER)
  );
}

const UINT32_MAX = 0xffffffff;
const ENCODER = new TextEncoder();

function isCount(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function checkIndex({ values, valueBytes, entries, lowers, uppers }: BatchIndex): void {
  const count = entries.length;
  if (lowers.weights.length !== count || uppers.weights.length !== count) {
    const found = `${lowers.weights.length} lower and ${uppers.weights.length} upper`;
    throw new RangeError(
      `an index has one fence of each kind for each of its ${count} blocks, found ${found}`,
    );
  }
  if (values.length > count + 1) {
    throw new RangeError(
      `an index of ${count} blocks names at most ${count + 1} values, found ${values.length}`,
    );
  }
  if (
    valueBytes.length !== values.length ||
    !valueBytes.every((bytes) => isCount(bytes, 0, Number.MAX_SAFE_INTEGER))
  )
    throw new RangeError(`an index tells the length of each of its ${values.length} values`);
  const name = values.find((value) => !isValueName(value));
  if (name !== undefined)
    throw new RangeError(`an index names values, ${JSON.stringify(name)} is no name of one`);
  const entry = entries.find((candidate) => !isEntry(candidate, values.length));
  if (entry !== undefined) {
    throw new RangeError(`an entry of an index is out of range: ${JSON.stringify(entry)}`);
  }
}

function writeNames(writer: ByteWriter, names: readonly string[]): void {
  const starts = new Uint32Array(names.length + 1);
  names.forEach((name, at) => {
    starts[at + 1] = starts[at]! + name.length;
  });
  writeText(writer, { starts, bytes: ENCODER.encode(names.join("")) }, 0, false);
}

function readNames(reader: ByteReader, count: number): string[] {
  const { starts, bytes } = readText(reader, count);
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, at) => {
    const name = decoder.decode(bytes.subarray(starts[at], starts[at + 1]));
    if (!isValueName(name)) reader.fail("an index names a value in a way that no value is named");
    return name;
  });
}

function readFences(bytes: Uint8Array, kinds: readonly ColumnKind[], count: number, where: string): Part {
  const reader = new ByteReader(bytes, where);
  const columns = readColumns(reader, kinds, count);
  reader.end();
  return makePart(columns, new Float64Array(count).fill(1));
}
