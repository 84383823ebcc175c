import { columnBuilder, type ColumnBuilder } from "../column/column.ts";
import { writeColumns, type ColumnarInput } from "../schema/column-writer.ts";
import type { Layout } from "../schema/layout.ts";
import { writeRow } from "../schema/row-writer.ts";
import { Batch } from "./batch.ts";
import { consolidate } from "./consolidate.ts";
import { makePart, slicePart, type Part } from "./part.ts";
import { checkWeight, WEIGHT_MAX } from "./weight.ts";

/**
 * Rows on their way into a batch: unsorted, in growing columns. A row counts when all of it has been
 * accepted, so a refused row leaves nothing behind.
 */
export class Staging<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  private columns: ColumnBuilder[];
  private weights: Float64Array;
  /** How many rows are staged. */
  length = 0;
  /** The sum of the magnitudes of the weights: no sum of staged rows is beyond it. */
  mass = 0;
  /** The sum of the weights; NaN once it has left ±(2⁵³−1) on the way: {@link Staging.sumWeights} tells it then. */
  totalWeight = 0;

  constructor(layout: Layout<K, V>, capacity: number = FIRST_CAPACITY) {
    this.layout = layout;
    this.columns = layout.kinds.map((kind) => columnBuilder(kind, capacity));
    this.weights = new Float64Array(capacity);
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

  /**
   * Appends a row. A weight of 0 checks the row and adds nothing.
   *
   * @throws `ZSPINE_INVALID_OPTIONS`, `ZSPINE_WEIGHT_RANGE`; the row is left out then.
   */
  push(key: K, value: V, weight: number): void {
    checkWeight(weight);
    const row = this.length;
    if (row === this.weights.length) this.reserve(Math.max(row * 2, FIRST_CAPACITY));
    writeRow(this.layout.key, this.columns, row, key);
    writeRow(this.layout.value, this.columns, row, value);
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
    if (at + count > this.weights.length) this.reserve(Math.max(at + count, this.weights.length * 2));
    writeColumns(this.layout, this.columns, at, input, from, to);
    let { mass, totalWeight } = this;
    for (let i = 0; i < count; i++) {
      const weight = input.weight === undefined ? 1 : input.weight[from + i];
      checkWeight(weight);
      this.weights[at + i] = weight;
      mass += Math.abs(weight);
      totalWeight = exactOrNaN(totalWeight + weight);
    }
    this.mass = mass;
    this.totalWeight = totalWeight;
    this.length = at + count;
  }

  /** Sums the weights exactly, whatever the sums on the way. Cost O(rows). */
  sumWeights(): bigint {
    let sum = 0n;
    for (let row = 0; row < this.length; row++) sum += BigInt(this.weights[row]!);
    return sum;
  }

  /** What is staged now, to go back to. */
  mark(): StagingMark {
    return { length: this.length, mass: this.mass, totalWeight: this.totalWeight };
  }

  /** Drops the rows that were staged since `mark`. */
  reset(mark: StagingMark = NOTHING_STAGED): void {
    this.length = mark.length;
    this.mass = mark.mass;
    this.totalWeight = mark.totalWeight;
    if (mark.length > 0 || this.weights.length <= KEPT_CAPACITY) return;
    this.columns = this.layout.kinds.map((kind) => columnBuilder(kind, FIRST_CAPACITY));
    this.weights = new Float64Array(FIRST_CAPACITY);
  }

  /**
   * Takes what was staged since `mark` as a batch; `undefined` when nothing is left of it.
   *
   * @throws `ZSPINE_WEIGHT_RANGE` when the sum of equal rows leaves ±(2⁵³−1); everything stays staged then.
   */
  seal(mark: StagingMark = NOTHING_STAGED): Batch<K, V> | undefined {
    const parts = consolidate(this.peek(mark.length));
    this.reset(mark);
    return parts.length === 0 ? undefined : new Batch(this.layout, parts);
  }

  /** Copies the rows from row `from` on as they came: unsorted. */
  peek(from = 0): Part {
    const { length } = this;
    const whole = makePart(
      this.columns.map((column) => column.finish(length)),
      this.weights.slice(0, length),
    );
    return slicePart(whole, from, length);
  }

  private reserve(capacity: number): void {
    const weights = new Float64Array(capacity);
    weights.set(this.weights.subarray(0, this.length));
    this.weights = weights;
    for (const column of this.columns) column.reserve(capacity, this.length);
  }
}

/** A place in what is staged. */
export interface StagingMark {
  readonly length: number;
  readonly mass: number;
  readonly totalWeight: number;
}

const NOTHING_STAGED: StagingMark = { length: 0, mass: 0, totalWeight: 0 };
const FIRST_CAPACITY = 64;
// What a bulk insert has grown beyond this is given back when it is sealed.
const KEPT_CAPACITY = 65536;

function exactOrNaN(total: number): number {
  return total <= WEIGHT_MAX && total >= -WEIGHT_MAX ? total : NaN;
}
