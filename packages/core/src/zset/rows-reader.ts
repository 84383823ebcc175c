import type { Batch } from "../batch/batch.ts";
import type { Part } from "../batch/part.ts";
import { readRow, rowReader } from "../schema/row-reader.ts";
import type { Shape } from "../schema/shape.ts";

// Sharing the decoding of a part costs about as much as reading this fraction of its rows one by one.
const WORTH_SHARING = 8;

/**
 * Reads keys, or values, of a batch by row. Begins a part row by row, for a few rows of it may be all that
 * is asked for, and shares the decoding when many are.
 */
export class RowsReader<T> {
  private readonly batch: Batch;
  private readonly shape: Shape;
  private part: Part | undefined;
  private from = 0;
  private to = 0;
  private reads = 0;
  private shared: ((row: number) => unknown) | undefined;

  constructor(batch: Batch, shape: Shape) {
    this.batch = batch;
    this.shape = shape;
  }

  /** Reads row `row` of the batch; what it gives is new and the caller's. */
  read(row: number): T {
    const part = this.enter(row);
    if (this.shared !== undefined) return this.shared(row - this.from) as T;
    if (++this.reads * WORTH_SHARING > part.weights.length) this.shared = rowReader(this.shape, part.columns);
    return readRow(this.shape, part.columns, row - this.from) as T;
  }

  /** Tells the weight of row `row` of the batch. */
  weight(row: number): number {
    return this.enter(row).weights[row - this.from]!;
  }

  private enter(row: number): Part {
    if (row >= this.from && row < this.to) return this.part!;
    const number = this.batch.slotAt(row);
    this.part = this.batch.slots[number]!.part!;
    this.from = this.batch.starts[number]!;
    this.to = this.batch.starts[number + 1]!;
    this.reads = 0;
    this.shared = undefined;
    return this.part;
  }
}
