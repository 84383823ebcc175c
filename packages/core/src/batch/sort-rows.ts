import type { Column } from "../column/column.ts";
import { hasTails } from "../column/column.ts";
import { compareRows, type Part } from "./part.ts";
import { countUp, RadixSorter } from "./radix-sorter.ts";

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
  return sortColumns(part)?.rows;
}

/** Rows in order, and what of their heads sorting has left in that order: to gather them once more takes as long as a pass. */
export interface SortedRows {
  /** Their numbers. */
  readonly rows: Uint32Array;
  /** Heads in the order of `rows`, of the first columns as far as they are at hand. */
  readonly heads: readonly (Float64Array | undefined)[];
}

/** Sorts as {@link sortRows}, and gives the heads that are at hand. */
export function sortColumns(part: Part): SortedRows | undefined {
  const { columns } = part;
  const length = part.weights.length;
  if (columns.some(({ heads }) => heads.length < length))
    throw new RangeError("rows are sorted by their heads, and a column has none");
  if (isSorted(part)) return undefined;
  if (length <= FEW_ROWS) {
    const rows = countUp(new Uint32Array(length), length);
    rows.sort((a, b) => compareRows(part, a, part, b, 0, columns.length) || a - b);
    return { rows, heads: NO_HEADS };
  }
  const isSmall = length <= SMALL_ROWS;
  const sorter = isSmall ? small : new RadixSorter(length, DIGIT_BITS);
  sorter.begin(length);
  const { heads } = columns[0]!;
  const isEnough = isToldByFirst(heads, length);
  for (let column = isEnough ? 0 : columns.length - 1; column >= 0; column--)
    sorter.sortBy(columns[column]!.heads);
  const sorted = isSmall ? sorter.rows.slice(0, length) : sorter.rows;
  if (isEnough) return { rows: sorted, heads: settleTies(part, sorted, sorter) };
  settleTails(part, sorted);
  return { rows: sorted, heads: NO_HEADS };
}

const NO_HEADS: readonly undefined[] = [];

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

/**
 * Sorts, within rows that have just been sorted by the heads of the first column alone, the runs of equal heads, and gives the
 * heads that are in order then. What tells runs is read in the order in which it lies, and so are the heads of the second
 * column, which are gathered first: reading both along `rows` took half the time of consolidating 10⁶ integers.
 */
function settleTies(part: Part, rows: Uint32Array, sorter: RadixSorter): SortedRows["heads"] {
  const [first, second] = part.columns;
  const compare = comparer(part);
  if (sorter.words === 0) {
    sortRun(rows, 0, rows.length, compare);
    return NO_HEADS;
  }
  const isNumeric = first!.kind === "numeric" && !hasTails(first!);
  const isPlain = isNumeric && second?.kind === "numeric" && !hasTails(second);
  const next = isPlain ? gatherHeads(second.heads, rows) : undefined;
  eachTie(rows.length, sorter, (start, end) => {
    if (next !== undefined && end - start <= LONG_RUN) {
      sortShortRun(part, rows, next, start, end);
      return;
    }
    sortRun(rows, start, end, compare);
    next?.set(gatherHeads(second!.heads, rows.subarray(start, end)), start);
  });
  return isNumeric ? [sorter.sortedHeads(), next] : NO_HEADS;
}

/** Finds the runs of equal words of two and more places, among the first `length`. */
function eachTie(
  length: number,
  { words, low, high: top }: RadixSorter,
  give: (start: number, end: number) => void,
): void {
  const high = words === 1 ? low : top;
  for (let start = 0, end = 1; start < length; start = end++) {
    while (end < length && low[end] === low[start] && high[end] === high[start]) end++;
    if (end - start > 1) give(start, end);
  }
}

/** Sorts a run of rows whose first columns are equal, with the heads of their second, which has no tails. */
function sortShortRun(part: Part, rows: Uint32Array, heads: Float64Array, start: number, end: number): void {
  const width = part.columns.length;
  for (let i = start + 1; i < end; i++) {
    const row = rows[i]!;
    const head = heads[i]!;
    let at = i;
    for (; at > start; at--) {
      const before = heads[at - 1]!;
      if (before < head) break;
      if (before === head && (width === 2 || compareRows(part, rows[at - 1]!, part, row, 2, width) <= 0))
        break;
      rows[at] = rows[at - 1]!;
      heads[at] = before;
    }
    rows[at] = row;
    heads[at] = head;
  }
}

function gatherHeads(from: Float64Array, rows: Uint32Array): Float64Array {
  const heads = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) heads[i] = from[rows[i]!]!;
  return heads;
}

/** Sorts, within rows that are in order of some heads, the runs of places whose rows these do not tell apart. */
function settle(part: Part, rows: Uint32Array, areTied: (at: number, first: number) => boolean): void {
  const compare = comparer(part);
  for (let start = 0, end = 1; start < rows.length; start = end++) {
    while (end < rows.length && areTied(end, start)) end++;
    if (end - start > 1) sortRun(rows, start, end, compare);
  }
}

type Compare = (a: number, b: number) => number;

/** Compares rows, those that the heads of the first column do not tell apart by the heads of the second first. */
function comparer(part: Part): Compare {
  const { columns } = part;
  const next = columns.length > 1 && !hasTails(columns[0]!) ? columns[1]!.heads : undefined;
  return (a, b) => {
    const x = next === undefined ? 0 : next[a]!;
    const y = next === undefined ? 0 : next[b]!;
    return x < y ? -1 : x > y ? 1 : compareRows(part, a, part, b, 0, columns.length);
  };
}

/** Sorts the rows at places `[start, end)`; equal ones keep their order. */
function sortRun(rows: Uint32Array, start: number, end: number, compare: Compare): void {
  if (end - start > LONG_RUN) {
    // Not `subarray(…).sort` alone: equal rows must keep their original order.
    rows.subarray(start, end).sort((a, b) => compare(a, b) || a - b);
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const row = rows[i]!;
    let at = i;
    for (; at > start && compare(rows[at - 1]!, row) > 0; at--) rows[at] = rows[at - 1]!;
    rows[at] = row;
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

/** Sorts few rows without arrays of its own; sorting runs no code of others. */
const small = new RadixSorter(SMALL_ROWS, SMALL_DIGIT_BITS);

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
