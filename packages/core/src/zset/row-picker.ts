import type { Batch } from "../batch/batch.ts";
import { PartBuilder, type Plan } from "../batch/part-builder.ts";
import { makePart, PART_BYTES, PART_ROWS, type Part } from "../batch/part.ts";
import type { Layout } from "../schema/layout.ts";
import { multiplyWeights } from "./weight-sum.ts";

/**
 * Picks rows of batches, in order, into the parts of a new batch. Parts that are kept whole are kept by
 * reference; of those that are not, the picked rows are copied, column by column.
 */
export class RowPicker {
  private readonly builder: PartBuilder;
  private readonly parts: Part[] = [];
  private readonly plan: Plan = {
    sources: new Uint32Array(PENDING_ROWS),
    rows: new Uint32Array(PENDING_ROWS),
    weights: new Float64Array(PENDING_ROWS),
  };
  /** The part that the planned rows are of, how many they are, and how many they may become. */
  private part: Part | undefined;
  private pending = 0;
  private pendingMax = 0;

  /** @param layout Of what is made; parts that rows are picked of may have more columns after those. */
  constructor(layout: Layout) {
    this.builder = new PartBuilder(layout.kinds, 0);
  }

  /** Picks one row of a part with the weight that it is to have. */
  pick(part: Part, row: number, weight: number): void {
    if (part !== this.part || this.pending === this.pendingMax) this.turnTo(part);
    this.plan.rows[this.pending] = row;
    this.plan.weights[this.pending] = weight;
    this.pending++;
  }

  /** Picks rows `[from, to)` of a batch, their weights multiplied; throws `ZSPINE_WEIGHT_RANGE`. */
  pickRange(batch: Batch, from: number, to: number, factor: number): void {
    for (let number = batch.slotAt(from); from < to; number++) {
      const part = batch.slots[number]!.part!;
      const start = batch.starts[number]!;
      const end = Math.min(to, batch.starts[number + 1]!);
      if (factor === 1 && end - from === part.weights.length) this.carry(part);
      else {
        for (let row = from - start; row < end - start; row++) {
          this.pick(part, row, multiplyWeights(part.weights[row]!, factor));
        }
      }
      from = end;
    }
  }

  /** Picks the rows of a part that have a weight other than 0 in `weights`, which stand for its own. */
  reweigh(part: Part, weights: Float64Array): void {
    let isSame = true;
    let zeros = 0;
    for (let row = 0; row < weights.length; row++) {
      if (weights[row] !== part.weights[row]) isSame = false;
      if (weights[row] === 0) zeros++;
    }
    if (isSame) this.carry(part);
    else if (zeros === 0) this.carry(makePart(part.columns, weights));
    else if (zeros < weights.length) {
      for (let row = 0; row < weights.length; row++)
        if (weights[row] !== 0) this.pick(part, row, weights[row]!);
    }
  }

  /** Puts a part out as it is. */
  private carry(part: Part): void {
    this.gather();
    this.flush();
    this.parts.push(part);
  }

  /** Gives the parts that were made. */
  finish(): Part[] {
    this.gather();
    this.flush();
    return this.parts;
  }

  private turnTo(part: Part): void {
    this.gather();
    this.part = part;
    const rowBytes = part.bytes / part.weights.length;
    this.pendingMax = Math.max(1, Math.min(PENDING_ROWS, Math.floor(PART_BYTES / rowBytes)));
  }

  private gather(): void {
    const { builder, pending } = this;
    if (pending === 0) return;
    builder.gather([this.part!], this.plan, pending);
    this.pending = 0;
    if (builder.length > PART_ROWS - PENDING_ROWS || builder.binaryBytes >= PART_BYTES) this.flush();
  }

  private flush(): void {
    if (this.builder.length > 0) this.parts.push(this.builder.finish());
  }
}

const PENDING_ROWS = 4096;
