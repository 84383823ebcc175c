import { ZspineError } from "../error/zspine-error.ts";
import { copyCounts } from "./copy-array.ts";
import { hashBytes, type HashSeed } from "../hash/half-siphash.ts";

/**
 * A column of byte strings: text as UTF-8, or bytes. Order is that of the bytes, a prefix before what it
 * begins. All rows have their first `skip` bytes in common, and the **head** of a row tells the next:
 *
 * | bits of the head | hold |
 * |---|---|
 * | 50–3 | the six bytes after the prefix, zeros where the row is shorter |
 * | 2–0 | how many bytes there are after the prefix, at most 7 |
 *
 * So rows that are no longer than six bytes after the prefix are told apart by heads alone; only a head
 * that ends in 7 leaves the rest to the bytes themselves.
 */
export interface BinaryColumn {
  readonly kind: "binary";
  readonly heads: Float64Array;
  /** {@link NO_HEADS} where heads were not computed: such a column is compared and read, never sorted or merged. */
  readonly skip: number;
  /** Whether some row is longer than its head tells. */
  readonly hasTails: boolean;
  /** Row `n` is `bytes[starts[n], starts[n + 1])`. One longer than the column. */
  readonly starts: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Stands in place of `skip` where there are no heads. */
export const NO_HEADS = -1;

/** What a binary column and one that grows have in common. */
export type BinaryCells = Pick<BinaryColumn, "kind" | "starts" | "bytes">;

/** Bytes that a head tells. */
const HEAD_BYTES = 6;

/** Computes the head of the byte string `bytes[start, end)`, the prefix left out by the caller. */
export function binaryHead(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > HEAD_BYTES) {
    const high = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
    const low = (bytes[start + 3]! << 16) | (bytes[start + 4]! << 8) | bytes[start + 5]!;
    return (high * 0x1000000 + low) * 8 + 7;
  }
  let value = 0;
  for (let i = 0; i < HEAD_BYTES; i++) value = value * 256 + (i < length ? bytes[start + i]! : 0);
  return value * 8 + length;
}

/** Orders two byte strings: negative, 0 or positive. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aLength = aEnd - aStart;
  const bLength = bEnd - bStart;
  const common = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** Tells whether row `i` of `a` and row `j` of `b` are the same bytes. */
export function equalBinary(a: BinaryCells, i: number, b: BinaryCells, j: number): boolean {
  const start = a.starts[i]!;
  const length = a.starts[i + 1]! - start;
  const other = b.starts[j]!;
  if (b.starts[j + 1]! - other !== length) return false;
  for (let at = 0; at < length; at++) if (a.bytes[start + at] !== b.bytes[other + at]) return false;
  return true;
}

/** Finds the first byte string after all that begin with `bytes`; `undefined` when there is none. */
export function bytesAfter(bytes: Uint8Array): Uint8Array | undefined {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const next = Uint8Array.prototype.slice.call(bytes, 0, end);
  next[end - 1]!++;
  return next;
}

/** Finds how many bytes all rows begin with in common. */
function commonPrefix(starts: Uint32Array, bytes: Uint8Array, rows: number): number {
  if (rows === 0) return 0;
  const first = starts[0]!;
  let prefix = starts[1]! - first;
  for (let row = 1; row < rows && prefix > 0; row++) {
    const start = starts[row]!;
    const length = starts[row + 1]! - start;
    if (length < prefix) prefix = length;
    let same = 0;
    while (same < prefix && bytes[start + same] === bytes[first + same]) same++;
    prefix = same;
  }
  return prefix;
}

/** Counts the bytes, up to `most`, that row `i` of `a` and row `j` of `b` begin with in common. */
export function sharedBytes(a: BinaryColumn, i: number, b: BinaryColumn, j: number, most: number): number {
  const x = a.starts[i]!;
  const y = b.starts[j]!;
  const end = Math.min(most, a.starts[i + 1]! - x, b.starts[j + 1]! - y);
  let same = 0;
  while (same < end && a.bytes[x + same] === b.bytes[y + same]) same++;
  return same;
}

/** Computes the head of a row after its first `skip` bytes. */
export function headAfter({ starts, bytes }: BinaryColumn, row: number, skip: number): number {
  return binaryHead(bytes, starts[row]! + skip, starts[row + 1]!);
}

/** Computes the heads of `column` after a prefix of `skip` bytes, which all its rows must have in common. */
export function headsAfter(column: BinaryColumn, skip: number): Float64Array {
  if (skip === column.skip) return column.heads;
  const { starts, bytes } = column;
  const rows = column.heads.length;
  const heads = new Float64Array(rows);
  for (let row = 0; row < rows; row++) heads[row] = binaryHead(bytes, starts[row]! + skip, starts[row + 1]!);
  return heads;
}

/**
 * Makes a column of byte strings: finds their common prefix, unless all are known to begin with `skipKnown`
 * bytes in common, and computes the heads. Takes the arrays over.
 */
export function binaryColumn(starts: Uint32Array, bytes: Uint8Array, skipKnown?: number): BinaryColumn {
  const rows = starts.length - 1;
  const skip = skipKnown ?? commonPrefix(starts, bytes, rows);
  const heads = new Float64Array(rows);
  const hasTails = fillHeads(heads, starts, bytes, skip);
  return { kind: "binary", heads, skip, hasTails, starts, bytes };
}

/**
 * Computes heads; tells whether there is more of a row than its head. By itself: a first call with many rows is optimized
 * within its loop, and where an object was made behind that, every later call fell out of that code there.
 */
function fillHeads(heads: Float64Array, starts: Uint32Array, bytes: Uint8Array, skip: number): boolean {
  let hasTails = false;
  for (let row = 0; row < heads.length; row++) {
    const start = starts[row]! + skip;
    const end = starts[row + 1]!;
    heads[row] = binaryHead(bytes, start, end);
    if (end - start > HEAD_BYTES) hasTails = true;
  }
  return hasTails;
}

/** Of all columns without room: V8 has memory of its own for each empty array. */
const NO_BYTES = new Uint8Array(0);
/** V8 keeps an array of so many bytes in its own heap. */
const FIRST_BYTES = 64;

/** A growing binary column. Where row `n` ends is where row `n + 1` begins, so a refused row needs no undoing. */
export class BinaryBuilder {
  readonly kind = "binary";
  starts: Uint32Array;
  bytes: Uint8Array;

  constructor(capacity: number) {
    this.starts = new Uint32Array(capacity + 1);
    this.bytes = capacity === 0 ? NO_BYTES : new Uint8Array(capacity * 8);
  }

  /** Makes room for `capacity` rows; the first `rows` are kept. Has done nothing where it throws. */
  reserve(capacity: number, rows: number): void {
    if (capacity < this.starts.length) return;
    const starts = new Uint32Array(capacity + 1);
    starts.set(this.starts.subarray(0, rows + 1));
    this.starts = starts;
  }

  /**
   * Makes room for `count` more bytes after the `used` ones. Has done nothing where it throws.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when there would be more than 32 bits count.
   */
  reserveBytes(used: number, count: number): void {
    const needed = used + count;
    if (needed <= this.bytes.length) return;
    if (needed > BYTES_MAX) throw tooManyBytes();
    const bytes = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2, FIRST_BYTES), BYTES_MAX));
    bytes.set(this.bytes.subarray(0, used));
    this.bytes = bytes;
  }

  /** Writes `value` as row `row`; `length` is its true length, for what a subclass says may differ. */
  set(row: number, value: Uint8Array, length: number = value.length): void {
    const start = this.starts[row]!;
    this.reserveBytes(start, length);
    this.bytes.set(value, start);
    this.starts[row + 1] = start + length;
  }

  /** Copies rows `[from, to)` to a builder of its own, with room for `capacity`. */
  fork(from: number, to: number, capacity: number): BinaryBuilder {
    const builder = new BinaryBuilder(capacity);
    const { starts, bytes } = this.copyRaw(from, to);
    builder.starts.set(starts);
    builder.reserveBytes(0, bytes.length);
    builder.bytes.set(bytes);
    return builder;
  }

  gather(
    at: number,
    from: readonly BinaryColumn[],
    sources: Uint32Array,
    rows: Uint32Array,
    count: number,
  ): void {
    const { starts } = this;
    let { bytes } = this;
    let to = starts[at]!;
    for (let i = 0; i < count; i++) {
      const column = from[sources[i]!]!;
      const row = rows[i]!;
      const start = column.starts[row]!;
      const end = column.starts[row + 1]!;
      if (to + end - start > bytes.length) {
        this.reserveBytes(to, end - start);
        bytes = this.bytes;
      }
      to = copyBytes(column.bytes, start, end, bytes, to);
      starts[at + i + 1] = to;
    }
  }

  /** Copies the first `rows` rows out; of sorted rows, first and last tell the common prefix. */
  finish(rows: number, isSorted = false): BinaryColumn {
    const { starts, bytes } = this.copyRaw(0, rows);
    if (!isSorted || rows < 2) return binaryColumn(starts, bytes);
    const first = Uint32Array.of(0, starts[1]!, starts[1]! + starts[rows]! - starts[rows - 1]!);
    const ends = new Uint8Array(first[2]!);
    ends.set(bytes.subarray(0, starts[1]));
    ends.set(bytes.subarray(starts[rows - 1]), starts[1]);
    return binaryColumn(starts, bytes, commonPrefix(first, ends, 2));
  }

  /** Copies rows `[from, to)` out. */
  copy(from: number, to: number): BinaryColumn {
    const { starts, bytes } = this.copyRaw(from, to);
    return binaryColumn(starts, bytes);
  }

  private copyRaw(from: number, to: number): { starts: Uint32Array; bytes: Uint8Array } {
    const starts = copyCounts(this.starts, from, to + 1);
    const first = starts[0]!;
    const bytes = this.bytes.slice(first, starts[to - from]);
    if (first > 0) for (let i = 0; i < starts.length; i++) starts[i] = starts[i]! - first;
    return { starts, bytes };
  }
}

/** The bytes of a column are counted in 32 bits. */
const BYTES_MAX = 4294967295;

function tooManyBytes(): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    "a column would hold more than 2^32 bytes at once; nothing was applied; insert fewer rows in one call",
  );
}

const FEW_BYTES = 48;

/** Copies `from[start, end)` to `to` at `at`; the ranges do not overlap. Returns where the copy ends. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start > FEW_BYTES) {
    to.set(from.subarray(start, end), at);
    return at + end - start;
  }
  // A view and a call of `set` for each row would be allocations for a dozen bytes.
  for (let i = start; i < end; i++) to[at++] = from[i]!;
  return at;
}

/** Gives the rows of `column` in the order of `rows`. */
export function pickBinary(column: BinaryColumn, rows: Uint32Array): BinaryColumn {
  const length = rows.length;
  const { starts, bytes, heads } = column;
  const pickedStarts = new Uint32Array(length + 1);
  const hasHeads = column.skip !== NO_HEADS;
  const pickedHeads = new Float64Array(hasHeads ? length : 0);
  let size = 0;
  for (let i = 0; i < length; i++) {
    const row = rows[i]!;
    if (hasHeads) pickedHeads[i] = heads[row]!;
    size += starts[row + 1]! - starts[row]!;
    pickedStarts[i + 1] = size;
  }
  const pickedBytes = new Uint8Array(size);
  let to = 0;
  for (let i = 0; i < length; i++) {
    const row = rows[i]!;
    to = copyBytes(bytes, starts[row]!, starts[row + 1]!, pickedBytes, to);
  }
  if (!hasHeads) return binaryColumn(pickedStarts, pickedBytes);
  // A literal, as of every column: what is spread has a hidden class of its own, and each call fell out of optimized code.
  const { skip, hasTails } = column;
  return { kind: "binary", heads: pickedHeads, skip, hasTails, starts: pickedStarts, bytes: pickedBytes };
}

/** Chains the hash of rows `[from, from + count)` onto `hashes[0, count)`. */
export function hashBinary(
  column: BinaryCells,
  hashes: Uint32Array,
  count: number,
  seed: HashSeed,
  from: number,
): void {
  const { starts, bytes } = column;
  for (let i = 0; i < count; i++) {
    hashes[i] = hashBytes(bytes, starts[from + i]!, starts[from + i + 1]!, hashes[i]!, seed);
  }
}
