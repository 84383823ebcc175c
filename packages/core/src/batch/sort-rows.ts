import type { Column } from "../column/column.ts";
import { hasTails } from "../column/column.ts";
import { compareRows, type Part } from "./part.ts";

/**
 * Sorts the rows of a part: gives their numbers in order of all columns, equal rows in their original
 * order; `undefined` when they are in order already.
 *
 * Radix sort on the heads, 11 bits at a time; digits that all rows share are skipped. Where a sample says that the first
 * column tells nearly all rows apart, by that alone, and the few runs that are left by comparison; else column by column
 * from the last (least significant digit first), and then the runs that are equal by heads up to a column with tails.
 * Cost O(rows · digits) and the runs that are left; the benchmark "consolidate columns" times it beside `Array.sort`.
 */
export function sortRows(part: Part): Uint32Array | undefined {
  const { columns } = part;
  const length = part.weights.length;
  if (columns.some(({ heads }) => heads.length < length))
    throw new RangeError("rows are sorted by their heads, and a column has none");
  if (isSorted(part)) return undefined;
  if (length <= FEW_ROWS) {
    const rows = countUp(new Uint32Array(length), length);
    return rows.sort((a, b) => compareRows(part, a, part, b, 0, columns.length) || a - b);
  }
  const isSmall = length <= SMALL_ROWS;
  const sorter = isSmall ? small : new RadixSorter(length, DIGIT_BITS);
  sorter.begin(length);
  const { heads } = columns[0]!;
  const isEnough = isToldByFirst(heads, length);
  for (let column = isEnough ? 0 : columns.length - 1; column >= 0; column--)
    sorter.sortBy(columns[column]!.heads);
  const sorted = isSmall ? sorter.rows.slice(0, length) : sorter.rows;
  if (isEnough) settle(part, sorted, (at, first) => heads[sorted[at]!] === heads[sorted[first]!]);
  else settleTails(part, sorted);
  return sorted;
}

/** Tells by a sample whether about as many rows have one head as can be sorted by comparison for less than by another column. */
function isToldByFirst(heads: Float64Array, length: number): boolean {
  const sample = new Float64Array(Math.min(length, SAMPLE_ROWS));
  const step = length / sample.length;
  for (let i = 0; i < sample.length; i++) sample[i] = heads[Math.floor(i * step)]!;
  sample.sort();
  let equal = 0;
  for (let i = 1; i < sample.length; i++) if (sample[i] === sample[i - 1]) equal++;
  // So many pairs of a sample are equal where runs have `RUN_ROWS` rows, all of one length.
  return equal * length <= (sample.length * sample.length * RUN_ROWS) / 2;
}

/** Sorts, within rows that are in order of some heads, the runs of places whose rows these do not tell apart. */
function settle(part: Part, rows: Uint32Array, areTied: (at: number, first: number) => boolean): void {
  const { columns } = part;
  const next = columns.length > 1 && !hasTails(columns[0]!) ? columns[1]!.heads : undefined;
  const compare = (a: number, b: number): number => {
    const x = next === undefined ? 0 : next[a]!;
    const y = next === undefined ? 0 : next[b]!;
    return x < y ? -1 : x > y ? 1 : compareRows(part, a, part, b, 0, columns.length);
  };
  for (let start = 0, end = 1; start < rows.length; start = end++) {
    while (end < rows.length && areTied(end, start)) end++;
    if (end - start > LONG_RUN) {
      // Not `subarray(…).sort` alone: equal rows must keep their original order.
      rows.subarray(start, end).sort((a, b) => compare(a, b) || a - b);
      continue;
    }
    for (let i = start + 1; i < end; i++) {
      const row = rows[i]!;
      let at = i;
      for (; at > start && compare(rows[at - 1]!, row) > 0; at--) rows[at] = rows[at - 1]!;
      rows[at] = row;
    }
  }
}

const SAMPLE_ROWS = 512;
const RUN_ROWS = 8;
const LONG_RUN = 16;
const FEW_ROWS = 96;
const DIGIT_BITS = 11;
const SMALL_ROWS = 1024;
// Sums over 2,048 digits cost more than a pass more over few rows.
const SMALL_DIGIT_BITS = 8;
const TWO_32 = 4294967296;
// Where the high word of a double stands on this machine.
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

function isSorted(part: Part): boolean {
  const { columns } = part;
  const length = part.weights.length;
  for (let row = 1; row < length; row++) {
    let order = 0;
    for (let column = 0; column < columns.length && order === 0; column++) {
      const { heads } = columns[column]!;
      const difference = heads[row]! - heads[row - 1]!;
      if (difference < 0) return false;
      if (difference > 0) order = 1;
      else if (hasTails(columns[column]!)) {
        order = compareRows(part, row, part, row - 1, column, column + 1);
        if (order < 0) return false;
      }
    }
  }
  return true;
}

/** Numbers the first `length` rows in the order in which they came. */
function countUp(rows: Uint32Array, length: number): Uint32Array {
  for (let row = 0; row < length; row++) rows[row] = row;
  return rows;
}

/** Row numbers that are sorted by one column after another, each sort keeping the order of equals. */
class RadixSorter {
  rows: Uint32Array;
  private length = 0;
  private spareRows: Uint32Array;
  private low: Uint32Array;
  private high: Uint32Array;
  private spareLow: Uint32Array;
  private spareHigh: Uint32Array;
  private readonly counts: Uint32Array;
  private readonly digitBits: number;

  constructor(capacity: number, digitBits: number) {
    this.digitBits = digitBits;
    this.counts = new Uint32Array(1 << digitBits);
    this.rows = new Uint32Array(capacity);
    this.spareRows = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.high = new Uint32Array(capacity);
    this.spareLow = new Uint32Array(capacity);
    this.spareHigh = new Uint32Array(capacity);
  }

  /** Begins with `length` rows in the order in which they came. */
  begin(length: number): void {
    this.length = length;
    countUp(this.rows, length);
  }

  sortBy(heads: Float64Array): void {
    const { rows, low, length } = this;
    let least = Infinity;
    let most = -Infinity;
    let isWhole = true;
    for (let i = 0; i < length; i++) {
      const head = heads[i]!;
      if (head < least) least = head;
      if (head > most) most = head;
      if (Math.floor(head) !== head) isWhole = false;
    }
    const range = most - least;
    if (range === 0) return;
    if (isWhole && range < TWO_32) {
      for (let i = 0; i < length; i++) low[i] = heads[rows[i]!]! - least;
      this.passes(1, bitsOf(range), 0);
    } else if (isWhole && range <= Number.MAX_SAFE_INTEGER) {
      const { high } = this;
      for (let i = 0; i < length; i++) {
        const distance = heads[rows[i]!]! - least;
        high[i] = distance / TWO_32;
        low[i] = distance % TWO_32;
      }
      this.passes(2, 32, bitsOf(range / TWO_32));
    } else {
      this.loadBits(heads);
      this.passes(2, 32, 32);
    }
  }

  /** Turns doubles into two words whose unsigned order is the order of the doubles. */
  private loadBits(heads: Float64Array): void {
    const { rows, low, high, length } = this;
    const words = new Uint32Array(heads.buffer, heads.byteOffset, heads.length * 2);
    for (let i = 0; i < length; i++) {
      const at = rows[i]! * 2;
      const top = words[at + HIGH]!;
      const bottom = words[at + 1 - HIGH]!;
      const isNegative = top >= 0x80000000;
      high[i] = isNegative ? ~top : top | 0x80000000;
      low[i] = isNegative ? ~bottom : bottom;
    }
  }

  private passes(words: 1 | 2, lowBits: number, highBits: number): void {
    const { digitBits } = this;
    for (let shift = 0; shift < lowBits; shift += digitBits) this.pass(words, false, shift);
    for (let shift = 0; shift < highBits; shift += digitBits) this.pass(words, true, shift);
  }

  private pass(words: 1 | 2, byHigh: boolean, shift: number): void {
    const { rows, spareRows, low, high, spareLow, spareHigh, counts, length } = this;
    const keys = byHigh ? high : low;
    const mask = counts.length - 1;
    counts.fill(0);
    for (let i = 0; i < length; i++) counts[(keys[i]! >>> shift) & mask]!++;
    if (counts[(keys[0]! >>> shift) & mask] === length) return;
    let sum = 0;
    for (let digit = 0; digit < counts.length; digit++) {
      const count = counts[digit]!;
      counts[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < length; i++) {
      const to = counts[(keys[i]! >>> shift) & mask]!++;
      spareRows[to] = rows[i]!;
      spareLow[to] = low[i]!;
      if (words === 2) spareHigh[to] = high[i]!;
    }
    this.rows = spareRows;
    this.spareRows = rows;
    this.low = spareLow;
    this.spareLow = low;
    if (words === 1) return;
    this.high = spareHigh;
    this.spareHigh = high;
  }
}

/** Sorts few rows without arrays of its own; sorting runs no code of others. */
const small = new RadixSorter(SMALL_ROWS, SMALL_DIGIT_BITS);

function bitsOf(range: number): number {
  return range < 1 ? 0 : Math.floor(Math.log2(range)) + 1;
}

/** Sorts, within rows that are in order of all heads, the runs that heads do not tell apart. */
function settleTails(part: Part, rows: Uint32Array): void {
  const { columns } = part;
  const first = columns.findIndex(hasTails);
  if (first === -1) return;
  const isLast = !columns.some((column, index) => index > first && hasTails(column));
  settle(part, rows, (at, start) => {
    if (isLast && isTold(columns[first]!, rows[start]!)) return false;
    return sameHeads(columns, first + 1, rows[at]!, rows[start]!);
  });
}

function sameHeads(columns: readonly Column[], count: number, a: number, b: number): boolean {
  for (let column = 0; column < count; column++) {
    const { heads } = columns[column]!;
    if (heads[a] !== heads[b]) return false;
  }
  return true;
}

/** Tells whether all rows with the head of `row` are equal. */
function isTold(column: Column, row: number): boolean {
  return column.kind === "binary" && column.heads[row]! % 8 !== 7;
}
