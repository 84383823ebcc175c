import { columnBytes, compareCells, sliceColumn, type Column } from "../column/column.ts";

/**
 * Rows in columns with their weights. In a batch they are sorted and distinct and no weight is 0; as they
 * are staged they are neither. Immutable once made; parts are shared between batches by reference.
 */
export interface Part {
  readonly columns: readonly Column[];
  readonly weights: Float64Array;
  /** The sum of the weights. */
  readonly totalWeight: number;
  /** The largest weight by magnitude. */
  readonly weightBound: number;
  /** Bytes of columns and weights. */
  readonly bytes: number;
}

/** Parts of a batch have at most this many rows: what a slice of merging works on at a time. */
export const PART_ROWS = 32768;

/** Parts are cut when they reach this many bytes, whatever their rows. */
export const PART_BYTES: number = 8 * 1024 * 1024;

/** Makes a part of columns of equal length. Takes the arrays over. */
export function makePart(columns: readonly Column[], weights: Float64Array): Part {
  let totalWeight = 0;
  let weightBound = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    totalWeight += weight;
    if (weight > weightBound) weightBound = weight;
    else if (-weight > weightBound) weightBound = -weight;
  }
  const bytes = columns.reduce((sum, column) => sum + columnBytes(column), weights.length * 8);
  return { columns, weights, totalWeight, weightBound, bytes };
}

/** Orders row `i` of `a` and row `j` of `b` by their columns `[from, to)`: negative, 0 or positive. */
export function compareRows(a: Part, i: number, b: Part, j: number, from: number, to: number): number {
  for (let column = from; column < to; column++) {
    const order = compareCells(a.columns[column]!, i, b.columns[column]!, j);
    if (order !== 0) return order;
  }
  return 0;
}

/** Gives rows `[start, end)` as a view; nothing is copied. */
export function slicePart(part: Part, start: number, end: number): Part {
  if (start === 0 && end === part.weights.length) return part;
  return makePart(
    part.columns.map((column) => sliceColumn(column, start, end)),
    part.weights.subarray(start, end),
  );
}
