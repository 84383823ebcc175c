import { arraysOf, columnBytes, compareCells, pickRows, sliceColumn, type Column } from "../column/column.ts";

/**
 * Rows in columns with their weights. In a batch they are sorted and distinct and no weight is 0; as they
 * are staged they are neither. Immutable; parts are shared between batches by reference. What is told of all
 * rows is found out when it is first asked for: a reader of a few rows of a slice pays nothing for it.
 */
export class Part {
  readonly columns: readonly Column[];
  readonly weights: Float64Array;
  // −1 where it has not been asked for.
  private bound = -1;
  private total = 0;
  private size = -1;
  private span: { readonly least: number; readonly most: number } | undefined;

  /** Takes the arrays over; the columns are as long as the weights. */
  constructor(columns: readonly Column[], weights: Float64Array) {
    this.columns = columns;
    this.weights = weights;
  }

  /** The sum of the weights. */
  get totalWeight(): number {
    if (this.bound < 0) this.weigh();
    return this.total;
  }

  /** The largest weight by magnitude. */
  get weightBound(): number {
    if (this.bound < 0) this.weigh();
    return this.bound;
  }

  /** Bytes of columns and weights. */
  get bytes(): number {
    if (this.size < 0) {
      let bytes = this.weights.length * 8;
      for (const column of this.columns) bytes += columnBytes(column);
      this.size = bytes;
    }
    return this.size;
  }

  /** The least and the greatest head of the last column. */
  get least(): number {
    return (this.span ??= spanOf(this)).least;
  }

  get most(): number {
    return (this.span ??= spanOf(this)).most;
  }

  private weigh(): void {
    this.total = totalOf(this.weights);
    this.bound = boundOf(this.weights);
  }
}

// Loops by themselves, as in consolidate.ts.

function totalOf(weights: Float64Array): number {
  let total = 0;
  for (let row = 0; row < weights.length; row++) total += weights[row]!;
  return total;
}

function boundOf(weights: Float64Array): number {
  let bound = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    if (weight > bound) bound = weight;
    else if (-weight > bound) bound = -weight;
  }
  return bound;
}

function spanOf({ columns }: Part): { readonly least: number; readonly most: number } {
  let least = Infinity;
  let most = -Infinity;
  for (const head of columns.at(-1)?.heads ?? []) {
    if (head < least) least = head;
    if (head > most) most = head;
  }
  return { least, most };
}

/** Parts of a batch have at most this many rows: what a slice of merging works on at a time. */
export const PART_ROWS = 32768;

/** Parts are cut when they reach this many bytes, whatever their rows. */
export const PART_BYTES: number = 8 * 1024 * 1024;

/** Makes a part of columns of equal length. Takes the arrays over. */
export function makePart(columns: readonly Column[], weights: Float64Array): Part {
  return new Part(columns, weights);
}

/** Makes a part of some rows of columns, copied in the order given. Takes the weights over, one for each. */
export function pickPart(columns: readonly Column[], rows: Uint32Array, weights: Float64Array): Part {
  return new Part(
    columns.map((column) => pickRows(column, rows)),
    weights,
  );
}

/** The arrays that a part keeps in memory; of a slice all that it was cut from. */
export function arraysOfPart({ columns, weights }: Part): ArrayBufferView[] {
  return [weights, ...columns.flatMap(arraysOf)];
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
  const columns: Column[] = [];
  for (const column of part.columns) columns.push(sliceColumn(column, start, end));
  return new Part(columns, part.weights.subarray(start, end));
}

/**
 * Finds the first row of `part` from `from` on whose first `columns` columns are not below row `at` of `probe`;
 * its length when there is none. Cost O(log rows).
 */
export function firstNotBelow(part: Part, probe: Part, at: number, columns: number, from = 0): number {
  let first = from;
  let last = part.weights.length;
  while (first < last) {
    const middle = (first + last) >>> 1;
    if (compareRows(part, middle, probe, at, 0, columns) < 0) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** Like {@link firstNotBelow}, for the first row that is above. */
export function firstAbove(part: Part, probe: Part, at: number, columns: number, from = 0): number {
  let first = from;
  let last = part.weights.length;
  while (first < last) {
    const middle = (first + last) >>> 1;
    if (compareRows(part, middle, probe, at, 0, columns) <= 0) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** Finds the first row not below row `at` of `probe`, with `above` 1 the first above it, galloping from `from`. */
export function gallopPart(
  part: Part,
  probe: Part,
  at: number,
  columns: number,
  from: number,
  above: 0 | 1,
): number {
  const end = part.weights.length;
  let below = from - 1;
  let step = 1;
  while (below + step < end && compareRows(part, below + step, probe, at, 0, columns) < above) {
    below += step;
    step *= 2;
  }
  let first = below + 1;
  let last = Math.min(below + step, end);
  while (first < last) {
    const middle = (first + last) >>> 1;
    if (compareRows(part, middle, probe, at, 0, columns) < above) first = middle + 1;
    else last = middle;
  }
  return first;
}
