import { binaryColumn, copyBytes, type BinaryColumn } from "@zspine/core/engine";
import type { ByteReader } from "./byte-reader.ts";
import { checkCodes } from "./encoding-dictionary.ts";
import { checkIntegers } from "./encoding-numbers.ts";
import {
  checkShared,
  CONSTANT,
  failLengths,
  FRONT,
  LENGTH_MAX,
  PLAIN,
  type ReadStrings,
} from "./encoding-strings.ts";
import { DICTIONARY, expandStrings, readEntries } from "./encoding-text.ts";
import { STRIDE } from "./block-size.ts";
import { openNumbers, type PackedNumbers } from "./packed-numbers.ts";
import type { Strings } from "./text-statistics.ts";

/** Byte strings that stay as they are encoded, see encoding-text.ts, of which any can be read; as {@link PackedNumbers}. */
export interface PackedText {
  /** Bytes that it keeps in memory besides those that the strings are in. */
  readonly bytes: number;
  /** Reads `count` strings from row `from` on, a multiple of `STRIDE`; with `step` `STRIDE` every so manieth. */
  read(count: number, from: number, step: number): BinaryColumn;
}

/** Opens the byte strings of `rows` rows, and reads past them. */
export function openText(reader: ByteReader, rows: number): PackedText {
  const encoding = reader.byte();
  switch (encoding) {
    case CONSTANT:
      return new ConstantText(reader.raw(reader.uint32()));
    case PLAIN:
      return new PlainText(reader, rows);
    case FRONT:
      return new FrontText(reader, rows);
    case DICTIONARY:
      return new DictionaryText(reader, readEntries(reader, rows), openNumbers(reader, rows));
    default:
      return reader.fail(`byte strings have encoding ${encoding}, which is not expected there`);
  }
}

class ConstantText implements PackedText {
  readonly bytes: number = 0;
  private readonly value: Uint8Array;

  constructor(value: Uint8Array) {
    this.value = value;
  }

  read(count: number): BinaryColumn {
    const { length } = this.value;
    const starts = new Uint32Array(count + 1);
    const bytes = new Uint8Array(count * length);
    for (let i = 0; i < count; i++) starts[i + 1] = copyBytes(this.value, 0, length, bytes, i * length);
    return binaryColumn(starts, bytes, length);
  }
}

class PlainText implements PackedText {
  readonly bytes: number;
  private readonly prefix: Uint8Array;
  private readonly lengths: PackedNumbers;
  private readonly rests: Uint8Array;
  /** Where the rest of every `STRIDE`th row begins. */
  private readonly marks: Uint32Array;

  constructor(reader: ByteReader, rows: number) {
    this.prefix = reader.raw(reader.uint32());
    this.lengths = openNumbers(reader, rows);
    this.rests = reader.raw(reader.uint32());
    this.marks = this.mark(reader, rows);
    this.bytes = this.marks.byteLength + this.lengths.bytes;
  }

  read(count: number, from: number, step: number): BinaryColumn {
    const { prefix, rests, marks } = this;
    const lengths = new Float64Array(count);
    this.lengths.readInto(lengths, from, step);
    let total = count * prefix.length;
    for (let i = 0; i < count; i++) total += lengths[i]!;
    const starts = new Uint32Array(count + 1);
    const bytes = new Uint8Array(total);
    let mark = from / STRIDE;
    let start = marks[mark]!;
    let at = 0;
    for (let i = 0; i < count; i++) {
      const end = start + lengths[i]!;
      at = copyBytes(prefix, 0, prefix.length, bytes, at);
      at = copyBytes(rests, start, end, bytes, at);
      starts[i + 1] = at;
      start = step === 1 ? end : marks[++mark]!;
    }
    return binaryColumn(starts, bytes, prefix.length === 0 ? undefined : prefix.length);
  }

  private mark(reader: ByteReader, rows: number): Uint32Array {
    const { rests } = this;
    const marks = new Uint32Array(Math.ceil(rows / STRIDE));
    let at = 0;
    for (let row = 0; row < rows; row += STRIDE) {
      marks[row / STRIDE] = at;
      const lengths = new Float64Array(Math.min(STRIDE, rows - row));
      this.lengths.readInto(lengths, row, 1);
      checkIntegers(reader, lengths, LENGTH_MAX);
      for (let i = 0; i < lengths.length; i++) at += lengths[i]!;
      if (at > rests.length) failLengths(reader);
    }
    if (at !== rests.length) failLengths(reader);
    return marks;
  }
}

class FrontText implements PackedText {
  readonly bytes: number;
  private readonly skip: number;
  private readonly lengths: PackedNumbers;
  private readonly shared: PackedNumbers;
  private readonly rests: Uint8Array;
  /** Every `STRIDE`th row, and where the rest of the row after it begins. */
  private readonly marks: Strings;
  private readonly restAfter: Uint32Array;

  constructor(reader: ByteReader, rows: number) {
    this.lengths = openNumbers(reader, rows);
    this.shared = openNumbers(reader, rows - 1);
    this.rests = reader.raw(reader.uint32());
    const lengths = new Float64Array(rows);
    this.lengths.readInto(lengths, 0, 1);
    checkIntegers(reader, lengths, LENGTH_MAX);
    const shared = new Float64Array(rows - 1);
    if (rows > 1) this.shared.readInto(shared, 0, 1);
    checkIntegers(reader, shared, LENGTH_MAX);
    this.skip = checkShared(reader, lengths, shared, this.rests.length);
    const starts = startsOfMarks(reader, lengths);
    this.restAfter = new Uint32Array(starts.length - 1);
    this.marks = { starts, bytes: new Uint8Array(starts.at(-1)!) };
    this.mark(lengths, shared);
    const { byteLength } = this.restAfter;
    const ofMarks = starts.byteLength + this.marks.bytes.byteLength;
    this.bytes = byteLength + ofMarks + this.lengths.bytes + this.shared.bytes;
  }

  read(count: number, from: number, step: number): BinaryColumn {
    const { marks, rests, skip } = this;
    const skipKnown = skip === 0 ? undefined : skip;
    const mark = from / STRIDE;
    if (step === STRIDE) {
      const start = marks.starts[mark]!;
      const starts = marks.starts.slice(mark, mark + count + 1).map((at) => at - start);
      return binaryColumn(starts, marks.bytes.slice(start, start + starts[count]!), skipKnown);
    }
    const lengths = new Float64Array(count);
    this.lengths.readInto(lengths, from, 1);
    const shared = new Float64Array(count - 1);
    if (count > 1) this.shared.readInto(shared, from, 1);
    const starts = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) starts[i + 1] = starts[i]! + lengths[i]!;
    const bytes = new Uint8Array(starts[count]!);
    copyBytes(marks.bytes, marks.starts[mark]!, marks.starts[mark + 1]!, bytes, 0);
    let rest = this.restAfter[mark]!;
    for (let i = 1; i < count; i++) {
      const last = starts[i - 1]!;
      const at = copyBytes(bytes, last, last + shared[i - 1]!, bytes, starts[i]!);
      const end = rest + starts[i + 1]! - at;
      copyBytes(rests, rest, end, bytes, at);
      rest = end;
    }
    return binaryColumn(starts, bytes, skipKnown);
  }

  /** Makes one row after another, in the place of the one before, and copies those that are marks. */
  private mark(lengths: Float64Array, shared: Float64Array): void {
    const { rests, marks, restAfter } = this;
    let longest = 0;
    for (let at = 0; at < lengths.length; at++) longest = Math.max(longest, lengths[at]!);
    const row = new Uint8Array(longest);
    let from = 0;
    for (let at = 0; at < lengths.length; at++) {
      const same = at === 0 ? 0 : shared[at - 1]!;
      const end = from + lengths[at]! - same;
      copyBytes(rests, from, end, row, same);
      from = end;
      if (at % STRIDE !== 0) continue;
      const mark = at / STRIDE;
      copyBytes(row, 0, lengths[at]!, marks.bytes, marks.starts[mark]!);
      restAfter[mark] = from;
    }
  }
}

class DictionaryText implements PackedText {
  readonly bytes: number;
  private readonly reader: ByteReader;
  private readonly entries: ReadStrings;
  private readonly codes: PackedNumbers;

  constructor(reader: ByteReader, entries: ReadStrings, codes: PackedNumbers) {
    this.bytes = entries.starts.byteLength + entries.bytes.byteLength + codes.bytes;
    this.reader = reader;
    this.entries = entries;
    this.codes = codes;
  }

  read(count: number, from: number, step: number): BinaryColumn {
    const codes = new Float64Array(count);
    this.codes.readInto(codes, from, step);
    checkCodes(this.reader, codes, this.entries.starts.length - 1);
    const { starts, bytes, skip } = expandStrings(this.entries, codes);
    return binaryColumn(starts, bytes, skip === 0 ? undefined : skip);
  }
}

/** Computes where every `STRIDE`th string begins, of their lengths, where those alone follow one another. */
function startsOfMarks(reader: ByteReader, lengths: Float64Array): Uint32Array {
  const starts = new Uint32Array(Math.ceil(lengths.length / STRIDE) + 1);
  let at = 0;
  for (let row = 0; row < lengths.length; row += STRIDE) {
    at += lengths[row]!;
    starts[row / STRIDE + 1] = at;
  }
  reader.claim(at);
  return starts;
}
