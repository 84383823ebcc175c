import { copyNumbers } from "./copy-array.ts";
import { hashWords, type HashSeed } from "../hash/half-siphash.ts";

/**
 * A column of numbers. The **head** of a row is a double whose order is the column's order as far as it
 * tells; the **tail** settles equal heads:
 *
 * | values | head | tail |
 * |---|---|---|
 * | numbers | the number, −0 as 0; NaN as +∞ | 1 for NaN, else 0 |
 * | 64-bit integers | the nearest double | what is missing to the integer, −1024…1024 |
 *
 * Rounding to the nearest double is monotone, so heads never contradict the order, and up to 2⁵³ they are
 * exact. Where every tail would be 0 there is no array of tails.
 */
export interface NumericColumn {
  readonly kind: "numeric";
  readonly heads: Float64Array;
  readonly tails: Int16Array | undefined;
}

/** What a numeric column and one that grows have in common. */
export type NumericCells = Pick<NumericColumn, "kind" | "heads" | "tails">;

/** Of all columns without room: V8 has memory of its own for each empty array, which takes ten times a small one. */
const NO_NUMBERS = new Float64Array(0);

/** A growing numeric column. Row `n` exists once `n + 1` rows are said to, so a refused row needs no undoing. */
export class NumericBuilder {
  readonly kind = "numeric";
  heads: Float64Array;
  tails: Int16Array | undefined;

  constructor(capacity: number) {
    this.heads = capacity === 0 ? NO_NUMBERS : new Float64Array(capacity);
    this.tails = undefined;
  }

  /** Makes room for `capacity` rows; the first `rows` are kept. Has done nothing where it throws. */
  reserve(capacity: number, rows: number): void {
    if (capacity <= this.heads.length) return;
    const heads = new Float64Array(capacity);
    // Both are there before either is taken: an allocation that fails must leave them of one length.
    const tails = this.tails === undefined ? undefined : new Int16Array(capacity);
    heads.set(this.heads.subarray(0, rows));
    tails?.set(this.tails!.subarray(0, rows));
    this.heads = heads;
    this.tails = tails;
  }

  set(row: number, head: number, tail: number): void {
    this.heads[row] = head;
    if (this.tails !== undefined) this.tails[row] = tail;
    else if (tail !== 0) {
      this.tails = new Int16Array(this.heads.length);
      this.tails[row] = tail;
    }
  }

  /** Appends the planned rows of several columns; `to[s]` is the column that source `s` stands for. */
  gather(
    at: number,
    from: readonly NumericColumn[],
    sources: Uint32Array,
    rows: Uint32Array,
    count: number,
  ): void {
    gatherHeads(this.heads, at, from, sources, rows, count);
    if (from.every((column) => column.tails === undefined) && this.tails === undefined) return;
    this.tails ??= new Int16Array(this.heads.length);
    const to = this.tails;
    for (let i = 0; i < count; i++) to[at + i] = from[sources[i]!]!.tails?.[rows[i]!] ?? 0;
  }

  /** Copies rows `[from, to)` to a builder of its own, with room for `capacity`. */
  fork(from: number, to: number, capacity: number): NumericBuilder {
    const builder = new NumericBuilder(capacity);
    builder.heads.set(this.heads.subarray(from, to));
    if (this.tails !== undefined && to > from) {
      builder.tails = new Int16Array(capacity);
      builder.tails.set(this.tails.subarray(from, to));
    }
    return builder;
  }

  /** Copies the first `rows` rows out. */
  finish(rows: number, _isSorted = false): NumericColumn {
    return this.copy(0, rows);
  }

  /** Copies rows `[from, to)` out. */
  copy(from: number, to: number): NumericColumn {
    const heads = copyNumbers(this.heads, from, to);
    const tails = this.tails?.subarray(from, to);
    const hasTails = tails?.some((tail) => tail !== 0) === true;
    return { kind: "numeric", heads, tails: hasTails ? tails.slice() : undefined };
  }
}

function gatherHeads(
  to: Float64Array,
  at: number,
  from: readonly NumericColumn[],
  sources: Uint32Array,
  rows: Uint32Array,
  count: number,
): void {
  if (from.length <= 2) {
    // The commonest merge, and rows of one column: there is no array to look up for each row.
    const heads0 = from[0]!.heads;
    const heads1 = (from[1] ?? from[0]!).heads;
    for (let i = 0; i < count; i++) to[at + i] = sources[i] === 0 ? heads0[rows[i]!]! : heads1[rows[i]!]!;
    return;
  }
  const heads = from.map((column) => column.heads);
  for (let i = 0; i < count; i++) to[at + i] = heads[sources[i]!]![rows[i]!]!;
}

/** Gives the rows of `column` in the order of `rows`. */
export function pickNumeric(column: NumericColumn, rows: Uint32Array): NumericColumn {
  const length = rows.length;
  const from = column.heads;
  const heads = new Float64Array(length);
  for (let i = 0; i < length; i++) heads[i] = from[rows[i]!]!;
  if (column.tails === undefined) return { kind: "numeric", heads, tails: undefined };
  const tails = new Int16Array(length);
  for (let i = 0; i < length; i++) tails[i] = column.tails[rows[i]!]!;
  return { kind: "numeric", heads, tails };
}

// One double and its two words; hashing is synchronous, so one serves all.
const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);

/** Chains the hash of rows `[from, from + count)` onto `hashes[0, count)`. */
export function hashNumeric(
  column: NumericCells,
  hashes: Uint32Array,
  count: number,
  seed: HashSeed,
  from: number,
): void {
  const { heads, tails } = column;
  for (let i = 0; i < count; i++) {
    DOUBLE[0] = heads[from + i]!;
    const chained = tails === undefined ? hashes[i]! : hashes[i]! ^ tails[from + i]!;
    hashes[i] = hashWords(chained, WORDS[0]!, WORDS[1]!, seed);
  }
}
