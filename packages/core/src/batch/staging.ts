import type { ColumnBuilder } from "../column/column.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import { writeColumns, type ColumnarInput } from "../schema/column-writer.ts";
import type { Layout } from "../schema/layout.ts";
import { writeRow } from "../schema/row-writer.ts";
import { consolidate } from "./consolidate.ts";
import type { Part } from "./part.ts";
import { StagedRows } from "./staged-rows.ts";
import { StagingView } from "./staging-view.ts";
import { checkWeight, WEIGHT_MAX } from "./weight.ts";

/**
 * Rows on their way into a batch: unsorted, numbered in the order of their arrival, in columns that only grow.
 * They can be read without being sorted: by key through an index, and as they were at a moment through a view.
 *
 * Invariants: a row counts when all of it has been accepted, and a call that throws, whatever threw, has staged,
 * sealed and dropped nothing. While a row is taken, which may run code of the caller's, everything that would see
 * or change what is staged is refused.
 */
export class Staging<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  /** How many rows are staged. */
  length = 0;
  /** The sum of the magnitudes of the weights: no sum of staged rows is beyond it. */
  mass = 0;
  /** The sum of the weights; NaN once it has left ±(2⁵³−1) on the way, and is not exact any more. */
  totalWeight = 0;
  private readonly owner: string;
  private rows: StagedRows;
  // Those of the rows: a step less on the way of every row.
  private columns: readonly ColumnBuilder[];
  private weights: Float64Array;
  /**
   * Where the next row needs room made for it: at the end of the columns, or at rows that a view sees; `TAKING`
   * while a row is taken, so that one comparison tells both.
   */
  private limit: number;
  private sealed = 0;
  private viewed: StagingView | undefined;

  /** @param owner What messages call the place that the rows are staged in: `trace "orders"`. */
  constructor(layout: Layout<K, V>, capacity: number = FEW_CAPACITY, owner = "these rows") {
    this.layout = layout;
    this.owner = owner;
    this.rows = StagedRows.empty(layout, capacity);
    this.columns = this.rows.columns;
    this.weights = this.rows.weights;
    this.limit = capacity;
  }

  /** How many rows there is room for, as far as it is reserved. */
  get capacity(): number {
    return this.rows.weights.length;
  }

  /** Bytes of the rows; what is reserved beyond them is not counted. */
  get bytes(): number {
    let bytes = this.length * 8;
    for (const column of this.columns) {
      bytes +=
        this.length * 8 + (column.kind === "binary" ? this.length * 4 + column.starts[this.length]! : 0);
    }
    return bytes;
  }

  /** The arrays that it keeps in memory: rows, what is reserved beyond them, the index, and its last view's. */
  get arrays(): ArrayBufferView[] {
    return [...this.rows.arrays, ...(this.viewed?.arrays ?? [])];
  }

  /**
   * Appends a row. A weight of 0 checks the row and adds nothing.
   *
   * @throws `ZSPINE_INVALID_OPTIONS`, `ZSPINE_WEIGHT_RANGE`; the row is left out then.
   */
  push(key: K, value: V, weight: number): void {
    checkWeight(weight);
    const row = this.length;
    if (row >= this.limit) this.makeRoom(row + 1);
    const { limit } = this;
    this.limit = TAKING;
    // Not `finally`, nor a flag of its own: either takes a twentieth longer, and most rows come this way.
    try {
      writeRow(this.layout.key, this.columns, row, key);
      writeRow(this.layout.value, this.columns, row, value);
    } catch (error) {
      this.limit = limit;
      throw error;
    }
    this.limit = limit;
    if (weight === 0) return;
    this.weights[row] = weight;
    this.mass += Math.abs(weight);
    this.totalWeight = exactOrNaN(this.totalWeight + weight);
    this.length = row + 1;
  }

  /**
   * Appends rows `[from, to)` of columns; rows of weight 0 are dropped when the rows are sealed.
   *
   * @throws `ZSPINE_INVALID_OPTIONS`, `ZSPINE_WEIGHT_RANGE`; all of them are left out then.
   */
  pushColumns(input: ColumnarInput, from: number, to: number): void {
    const at = this.length;
    const count = to - from;
    if (at + count > this.limit) this.makeRoom(at + count);
    const { columns, weights, limit } = this;
    let { mass, totalWeight } = this;
    this.limit = TAKING;
    try {
      writeColumns(this.layout, columns, at, input, from, to);
      const given = input.weight;
      for (let i = 0; i < count; i++) {
        const weight = given === undefined ? 1 : given[from + i];
        checkWeight(weight);
        weights[at + i] = weight;
        mass += Math.abs(weight);
        totalWeight = exactOrNaN(totalWeight + weight);
      }
    } finally {
      this.limit = limit;
    }
    this.mass = mass;
    this.totalWeight = totalWeight;
    this.length = at + count;
  }

  /** What is staged now, to go back to until the next seal. */
  mark(): StagingMark {
    return { length: this.length, mass: this.mass, totalWeight: this.totalWeight, sealed: this.sealed };
  }

  /** Drops the rows that were staged since `mark`; without a mark, all. Allocates nothing, so it cannot fail. */
  reset(mark: StagingMark = { ...NOTHING_STAGED, sealed: this.sealed }): void {
    this.checkNotTaking();
    if (mark.sealed !== this.sealed || mark.length > this.length)
      throw new RangeError("staging: the rows of this mark have been sealed or dropped");
    this.length = mark.length;
    this.mass = mark.mass;
    this.totalWeight = mark.totalWeight;
    // What a view has seen is not written over: the next row makes room for itself elsewhere.
    if (this.rows.shown > mark.length) this.limit = mark.length;
    else this.rows.forget(mark.length);
  }

  /** Finds the rows below `until` of a key, as {@link StagingView.find} does. */
  find(probe: Part, at: number, hash: number, seed: HashSeed, until: number, into: number[]): number {
    this.checkNotTaking();
    this.checkRange(0, until);
    return this.rows.find(probe, at, hash, seed, until, into);
  }

  /** What is staged now, to be read whatever is staged, sealed or dropped later. O(1): nothing is copied. */
  view(): StagingView {
    this.checkNotTaking();
    const { rows, length } = this;
    if (this.viewed?.isOf(rows, length) === true) return this.viewed;
    const view = new StagingView(rows, length, this.totalWeight, this.mass);
    rows.shown = Math.max(rows.shown, length);
    this.viewed = view;
    return view;
  }

  /**
   * Takes the rows below `until` as parts of a batch: sorted, equal rows summed, zeros dropped; none when nothing
   * is left of them. The others are rows 0… from then on.
   *
   * @throws `ZSPINE_WEIGHT_RANGE` when the sum of equal rows leaves ±(2⁵³−1); everything stays staged then.
   */
  seal(until: number = this.length): readonly Part[] {
    return this.sealAt([until], (parts) => parts)[0]!;
  }

  /**
   * Takes the rows below the last of `ends`, which ascend, cut at each of them; as {@link Staging.seal}.
   *
   * @param make Makes of each piece what is wanted. It is called before anything is dropped: where it throws,
   *   everything stays staged.
   * @param partBytes About how many bytes a part has at the most.
   */
  sealAt<T>(ends: readonly number[], make: (parts: readonly Part[]) => T, partBytes?: number): T[] {
    this.checkNotTaking();
    const until = ends.at(-1)!;
    this.checkRange(0, until);
    const { viewed, rows } = this;
    const pieces = ends.map((end, at) => {
      const from = at === 0 ? 0 : ends[at - 1]!;
      const isViewed = from === 0 && viewed?.isOf(rows, end) === true;
      return make(isViewed ? viewed.consolidate(partBytes) : consolidate(rows.copy(from, end), partBytes));
    });
    this.keepFrom(until);
    return pieces;
  }

  /** Drops all rows, and gives back what was reserved for them. */
  clear(): void {
    this.reset();
    this.sealed++;
    this.adopt(StagedRows.empty(this.layout, 0));
  }

  /** Counts the rows from `from` on whose weight is not 0; allocates nothing. */
  countFrom(from: number): number {
    const { weights, length } = this;
    let rows = 0;
    for (let row = from; row < length; row++) if (weights[row] !== 0) rows++;
    return rows;
  }

  /** The weights of the rows from `from` on, as a view that is good until the next row. */
  weightsFrom(from: number): Float64Array {
    return this.weights.subarray(from, this.length);
  }

  /** Copies the rows `[from, until)` as they came: unsorted, those of weight 0 included. */
  peek(from = 0, until: number = this.length): Part {
    this.checkNotTaking();
    this.checkRange(from, until);
    return this.rows.copy(from, until);
  }

  /** Goes on with the rows from `from` on, in columns that nobody has seen. */
  private keepFrom(from: number): void {
    const { rows, length } = this;
    const capacity = rows.weights.length;
    const isReusable = from === length && rows.shown === 0 && capacity <= KEPT_CAPACITY;
    // As many rows may come as came before, so that columns need not grow again.
    const kept = capacity <= KEPT_CAPACITY ? length : length - from;
    const next = isReusable ? rows : rows.fork(from, length, Math.max(kept, FIRST_CAPACITY));
    let mass = 0;
    let totalWeight = 0;
    for (let row = 0; row < length - from; row++) {
      mass += Math.abs(next.weights[row]!);
      totalWeight = exactOrNaN(totalWeight + next.weights[row]!);
    }
    if (isReusable) rows.forget(0);
    this.adopt(next);
    this.length = length - from;
    this.mass = mass;
    this.totalWeight = totalWeight;
    this.sealed++;
    this.viewed = undefined;
  }

  /** Makes room for `needed` rows; has changed nothing that counts where it throws. */
  private makeRoom(needed: number): void {
    this.checkNotTaking();
    const { rows, length } = this;
    const has = rows.weights.length;
    const capacity = needed <= has ? has : Math.max(needed, has * 2, FIRST_CAPACITY);
    if (rows.shown > length) this.adopt(rows.fork(0, length, capacity));
    else {
      rows.reserve(capacity, length);
      this.adopt(rows);
    }
  }

  private adopt(rows: StagedRows): void {
    if (rows !== this.rows) this.viewed = undefined;
    this.rows = rows;
    this.columns = rows.columns;
    this.weights = rows.weights;
    this.limit = rows.weights.length;
  }

  private checkRange(from: number, until: number): void {
    if (from >= 0 && from <= until && until <= this.length) return;
    throw new RangeError(
      `staging: there are ${this.length} rows, and rows ${from} to ${until} were asked for`,
    );
  }

  /** @throws `ZSPINE_INVALID_OPTIONS` while a row is taken, which is read by code of the caller's. */
  private checkNotTaking(): void {
    if (this.limit !== TAKING) return;
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `rows read or write ${this.owner} while they are taken; collect them first; nothing was applied`,
    );
  }
}

/** A place in what is staged, good until the next seal. */
export interface StagingMark {
  readonly length: number;
  readonly mass: number;
  readonly totalWeight: number;
  /** How many seals there had been. */
  readonly sealed: number;
}

const NOTHING_STAGED = { length: 0, mass: 0, totalWeight: 0 };
const TAKING = -1;
// As many as V8 keeps in its own heap, in arrays of up to 64 bytes: memory of their own costs ten times that, and most Z-sets
// of an engine's steps have few rows.
const FEW_CAPACITY = 8;
const FIRST_CAPACITY = 64;
// What a bulk insert has grown beyond this is given back when it is sealed.
const KEPT_CAPACITY = 65536;

function exactOrNaN(total: number): number {
  return total <= WEIGHT_MAX && total >= -WEIGHT_MAX ? total : NaN;
}
