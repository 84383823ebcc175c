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

/** A growing numeric column. Row `n` exists once `n + 1` rows are said to, so a refused row needs no undoing. */
export class NumericBuilder {
  readonly kind = "numeric";
  heads: Float64Array;
  tails: Int16Array | undefined;

  constructor(capacity: number) {
    this.heads = new Float64Array(capacity);
    this.tails = undefined;
  }

  /** Makes room for `capacity` rows; the first `rows` are kept. */
  reserve(capacity: number, rows: number): void {
    if (capacity <= this.heads.length) return;
    const heads = new Float64Array(capacity);
    heads.set(this.heads.subarray(0, rows));
    this.heads = heads;
    if (this.tails === undefined) return;
    const tails = new Int16Array(capacity);
    tails.set(this.tails.subarray(0, rows));
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

  /** Copies the first `rows` rows out. */
  finish(rows: number, _isSorted = false): NumericColumn {
    const tails = this.tails?.subarray(0, rows);
    return {
      kind: "numeric",
      heads: this.heads.slice(0, rows),
      tails: tails?.some((tail) => tail !== 0) === true ? tails.slice() : undefined,
    };
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
  if (from.length === 2) {
    // The commonest merge: with two arrays there is none to look up for each row.
    const heads0 = from[0]!.heads;
    const heads1 = from[1]!.heads;
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

/** Chains the hash of rows `[0, count)` onto `hashes`. */
export function hashNumeric(column: NumericColumn, hashes: Uint32Array, count: number, seed: HashSeed): void {
  const { heads, tails } = column;
  for (let row = 0; row < count; row++) {
    DOUBLE[0] = heads[row]!;
    const chained = tails === undefined ? hashes[row]! : hashes[row]! ^ tails[row]!;
    hashes[row] = hashWords(chained, WORDS[0]!, WORDS[1]!, seed);
  }
}
