import type { HashSeed } from "../hash/half-siphash.ts";
import {
  BinaryBuilder,
  compareBytes,
  equalBinary,
  hashBinary,
  NO_HEADS,
  pickBinary,
  type BinaryCells,
  type BinaryColumn,
} from "./binary-column.ts";
import {
  hashNumeric,
  NumericBuilder,
  pickNumeric,
  type NumericCells,
  type NumericColumn,
} from "./numeric-column.ts";

/** An immutable column: heads that sort, merge and search see, and what settles equal heads. */
export type Column = NumericColumn | BinaryColumn;

/** What a column and one that grows have in common: enough to tell whether rows are equal, and to hash them. */
export type Cells = NumericCells | BinaryCells;

/** A column that grows. */
export type ColumnBuilder = NumericBuilder | BinaryBuilder;

/** How a column is laid out. */
export type ColumnKind = Column["kind"];

/** Makes an empty builder with room for `capacity` rows. */
export function columnBuilder(kind: ColumnKind, capacity: number): ColumnBuilder {
  return kind === "numeric" ? new NumericBuilder(capacity) : new BinaryBuilder(capacity);
}

/** Orders row `i` of `a` and row `j` of `b`, which have the same kind: negative, 0 or positive. */
export function compareCells(a: Column, i: number, b: Column, j: number): number {
  if (a.kind === "numeric") {
    const x = a.heads[i]!;
    const y = b.heads[j]!;
    if (x !== y) return x < y ? -1 : 1;
    const { tails } = b as NumericColumn;
    return (a.tails === undefined ? 0 : a.tails[i]!) - (tails === undefined ? 0 : tails[j]!);
  }
  const other = b as BinaryColumn;
  // Without a prefix, or after the same, heads are comparable, and mostly settle it.
  if ((a.skip === 0 && other.skip === 0) || (a === other && a.skip !== NO_HEADS)) {
    const x = a.heads[i]!;
    const y = other.heads[j]!;
    if (x !== y) return x < y ? -1 : 1;
    if (!a.hasTails || !other.hasTails) return 0;
  }
  return compareBytes(
    a.bytes,
    a.starts[i]!,
    a.starts[i + 1]!,
    other.bytes,
    other.starts[j]!,
    other.starts[j + 1]!,
  );
}

/** Tells whether row `i` of `a` and row `j` of `b`, which have the same kind, are equal. */
export function equalCells(a: Cells, i: number, b: Cells, j: number): boolean {
  if (a.kind === "binary") return equalBinary(a, i, b as BinaryCells, j);
  if (a.heads[i] !== (b as NumericCells).heads[j]) return false;
  const { tails } = b as NumericCells;
  return (a.tails === undefined ? 0 : a.tails[i]) === (tails === undefined ? 0 : tails[j]);
}

/** Tells whether equal heads of this column may still differ. */
export function hasTails(column: Column): boolean {
  return column.kind === "numeric" ? column.tails !== undefined : column.hasTails;
}

/** Gives rows `[start, end)` as a view; nothing is copied. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  const heads = column.heads.subarray(start, end);
  if (column.kind === "numeric") return { kind: "numeric", heads, tails: column.tails?.subarray(start, end) };
  const { skip, hasTails: mayHaveTails, bytes } = column;
  const starts = column.starts.subarray(start, end + 1);
  return { kind: "binary", heads, skip, hasTails: mayHaveTails, starts, bytes };
}

/** Gives the rows in the order of `rows`, copied. */
export function pickRows(column: Column, rows: Uint32Array): Column {
  return column.kind === "numeric" ? pickNumeric(column, rows) : pickBinary(column, rows);
}

/**
 * Chains the hashes of rows `[from, from + count)` onto `hashes[0, count)`; equal contents give equal hashes in
 * any column.
 */
export function hashColumn(
  column: Cells,
  hashes: Uint32Array,
  count: number,
  seed: HashSeed,
  from = 0,
): void {
  if (column.kind === "numeric") hashNumeric(column, hashes, count, seed, from);
  else hashBinary(column, hashes, count, seed, from);
}

/** The arrays that a column, or one that grows, keeps in memory: with what is reserved, and of a slice all. */
export function arraysOf(column: Column | ColumnBuilder): ArrayBufferView[] {
  if (column.kind === "numeric")
    return column.tails === undefined ? [column.heads] : [column.heads, column.tails];
  const own = [column.starts, column.bytes];
  return "heads" in column ? [column.heads, ...own] : own;
}

/** Counts the bytes that the column's own rows take. */
export function columnBytes(column: Column): number {
  const rows = column.heads.length;
  if (column.kind === "numeric") return rows * 8 + (column.tails === undefined ? 0 : rows * 2);
  return rows * 8 + (rows + 1) * 4 + (column.starts[rows]! - column.starts[0]!);
}
