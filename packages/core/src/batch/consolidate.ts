import { compareCells, hasTails, pickRows, type Column } from "../column/column.ts";
import { makePart, pickPart, PART_BYTES, PART_ROWS, type Part } from "./part.ts";
import { sortColumns, type SortedRows } from "./sort-rows.ts";
import { WEIGHT_MAX, weightOverflow } from "./weight.ts";

/**
 * Consolidates staged rows: sorts them, sums the weights of equal rows and drops those that come to 0.
 * Gives parts of a batch, of about `partBytes` at the most; none when nothing is left. Takes the columns over where they
 * need no change.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when the sum of equal rows leaves ±(2⁵³−1).
 */
export function consolidate(staged: Part, partBytes: number = PART_BYTES): Part[] {
  const length = staged.weights.length;
  if (length === 0) return [];
  if (length === 1) return staged.weights[0] === 0 ? [] : [staged];
  const sorted = sortColumns(staged);
  const order = sorted?.rows;
  // Rows are brought in order before they are compared: reading along `order` again and again costs twice as much.
  const columns =
    sorted === undefined
      ? staged.columns
      : staged.columns.map((column, number) => pickSorted(column, sorted, number));
  const weights = order === undefined ? staged.weights : pickWeights(staged.weights, order);
  const summed = sumWeights(weights, markNewRows(columns, length));
  if (summed.rows.length === 0) return [];
  const pieces = Math.max(Math.ceil(summed.rows.length / PART_ROWS), Math.ceil(staged.bytes / partBytes));
  if (pieces === 1 && summed.rows.length === length) return [makePart(columns, summed.weights)];
  // Each part gets arrays of its own, so that the last of them to live does not keep all the others' memory.
  const size = Math.ceil(summed.rows.length / pieces);
  const parts: Part[] = [];
  for (let start = 0; start < summed.rows.length; start += size) {
    const rows = summed.rows.subarray(start, start + size);
    parts.push(pickPart(columns, rows, summed.weights.slice(start, start + size)));
  }
  return parts;
}

/** Gives a column in the order of sorted rows. */
function pickSorted(column: Column, { rows, heads }: SortedRows, number: number): Column {
  const known = heads[number];
  if (known === undefined || column.kind !== "numeric" || column.tails !== undefined)
    return pickRows(column, rows);
  return { kind: "numeric", heads: known, tails: undefined };
}

function pickWeights(weights: Float64Array, order: Uint32Array): Float64Array {
  const picked = new Float64Array(weights.length);
  for (let i = 0; i < order.length; i++) picked[i] = weights[order[i]!]!;
  return picked;
}

// Each loop over rows is a function of its own: a first call with many rows is optimized within its loop, and what followed
// there was entered by that code, and left by it, at every later call.

/** Marks with 1 the sorted rows that differ from the one before. */
function markNewRows(columns: readonly Column[], length: number): Uint8Array {
  const isNew = new Uint8Array(length);
  isNew[0] = 1;
  for (const { heads } of columns) markHeads(isNew, heads);
  for (const column of columns) if (hasTails(column)) markTails(isNew, column);
  return isNew;
}

function markHeads(isNew: Uint8Array, heads: Float64Array): void {
  for (let row = 1; row < isNew.length; row++) if (heads[row] !== heads[row - 1]) isNew[row] = 1;
}

function markTails(isNew: Uint8Array, column: Column): void {
  for (let row = 1; row < isNew.length; row++)
    if (isNew[row] === 0 && compareCells(column, row, column, row - 1) !== 0) isNew[row] = 1;
}

/** Sums the weights of equal rows: the numbers of the rows that stay, and their weights. */
function sumWeights(weights: Float64Array, isNew: Uint8Array): { rows: Uint32Array; weights: Float64Array } {
  const length = weights.length;
  const rows = new Uint32Array(length);
  const sums = new Float64Array(length);
  const count = sumRuns(weights, isNew, rows, sums, massOf(weights) > WEIGHT_MAX);
  return count === length
    ? { rows, weights: sums }
    : { rows: rows.slice(0, count), weights: sums.slice(0, count) };
}

function massOf(weights: Float64Array): number {
  let mass = 0;
  for (let row = 0; row < weights.length; row++) mass += Math.abs(weights[row]!);
  return mass;
}

/** Puts the first rows of equal ones into `rows`, and their sums into `sums`, without those of 0; gives how many. */
function sumRuns(
  weights: Float64Array,
  isNew: Uint8Array,
  rows: Uint32Array,
  sums: Float64Array,
  mayOverflow: boolean,
): number {
  const length = weights.length;
  let count = 0;
  for (let row = 0; row < length;) {
    const first = row;
    let sum = weights[row]!;
    for (row++; row < length && isNew[row] === 0; row++) sum += weights[row]!;
    if (mayOverflow) sum = exactSum(weights, first, row);
    if (sum === 0) continue;
    rows[count] = first;
    sums[count] = sum;
    count++;
  }
  return count;
}

/** Sums weights `[start, end)` exactly, whatever the partial sums. */
function exactSum(weights: Float64Array, start: number, end: number): number {
  let sum = 0n;
  for (let row = start; row < end; row++) sum += BigInt(weights[row]!);
  const rounded = Number(sum);
  if (!Number.isSafeInteger(rounded)) throw weightOverflow("the sum of equal rows");
  return rounded;
}
