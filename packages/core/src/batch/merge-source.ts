import { headsAfter } from "../column/binary-column.ts";
import type { Batch } from "./batch.ts";
import { slicePart, type Part } from "./part.ts";

/** Rows `[from, to)` of a batch that take part in a merge. */
export interface MergeInput {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
}

/** A position in the rows of one input, part by part, upwards or downwards. */
export class MergeSource {
  /** The part that it stands in, cut to the rows that take part. */
  part!: Part;
  /** The row that is next, and the first that is not to be read any more. */
  row = 0;
  stop = 0;
  /** Heads of the first column, all sources' after the same prefix. */
  heads!: Float64Array;

  private readonly input: MergeInput;
  private readonly isReverse: boolean;
  private readonly skip: number;
  private number: number;

  constructor(input: MergeInput, isReverse: boolean, skip: number) {
    this.input = input;
    this.isReverse = isReverse;
    this.skip = skip;
    this.number = input.batch.partAt(isReverse ? input.to - 1 : input.from);
    this.enter();
  }

  /** Goes on to the next part; false when there is none. */
  advance(): boolean {
    this.number += this.isReverse ? -1 : 1;
    const { starts, parts } = this.input.batch;
    if (this.number < 0 || this.number >= parts.length) return false;
    if (this.isReverse ? starts[this.number + 1]! <= this.input.from : starts[this.number]! >= this.input.to)
      return false;
    this.enter();
    return true;
  }

  /** Tells whether it stands before all of a part, of which no row is left out. */
  isWhole(): boolean {
    return this.row === 0 && this.part === this.input.batch.parts[this.number];
  }

  /** The rows that are still to be read here, as a view; for a source that reads upwards. */
  rest(): Part {
    return slicePart(this.part, this.row, this.stop);
  }

  private enter(): void {
    const { batch, from, to } = this.input;
    const start = batch.starts[this.number]!;
    const whole = batch.parts[this.number]!;
    const length = whole.weights.length;
    this.part = slicePart(whole, Math.max(0, from - start), Math.min(length, to - start));
    const last = this.part.weights.length - 1;
    this.row = this.isReverse ? last : 0;
    this.stop = this.isReverse ? -1 : last + 1;
    const column = this.part.columns[0]!;
    this.heads = column.kind === "binary" ? headsAfter(column, this.skip) : column.heads;
  }
}
