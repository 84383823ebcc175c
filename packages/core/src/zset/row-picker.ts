import type { Batch } from "../batch/batch.ts";
import { newPlan, PartBuilder, type Plan } from "../batch/part-builder.ts";
import { NO_HEADS } from "../column/binary-column.ts";
import { copyCounts, copyNumbers } from "../column/copy-array.ts";
import { makePart, PART_BYTES, PART_ROWS, pickPart, type Part } from "../batch/part.ts";
import type { Layout } from "../schema/layout.ts";
import { multiplyWeights } from "./weight-sum.ts";

/**
 * Picks rows of batches, in order, into the parts of a new batch. Parts that are kept whole are kept by
 * reference; of those that are not, the picked rows are copied, column by column.
 */
export class RowPicker {
  private readonly builder: PartBuilder;
  private readonly columns: number;
  private readonly parts: Part[] = [];
  /** Room for planned rows: little at first, for most Z-sets of an engine's steps have few rows. */
  private plan: Plan = newPlan(FIRST_ROWS);
  private planned = 0;
  /** How many may be planned, and how many there is room for by now. */
  private rowsMax = PENDING_ROWS;
  private room = 0;
  /** The parts that planned rows are of, and the one that was picked from last, with its number among them. */
  private sources: Part[] = [];
  private part: Part | undefined;
  private source = 0;

  /** @param layout Of what is made; parts that rows are picked of may have more columns after those. */
  constructor(layout: Layout) {
    this.builder = new PartBuilder(layout.kinds, 0);
    this.columns = layout.kinds.length;
  }

  /** Picks one row of a part with the weight that it is to have. */
  pick(part: Part, row: number, weight: number): void {
    if (part !== this.part || this.planned === this.room) this.turnTo(part);
    const { plan, planned } = this;
    plan.sources[planned] = this.source;
    plan.rows[planned] = row;
    plan.weights[planned] = weight;
    this.planned = planned + 1;
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
    const zeros = countZeros(weights);
    if (areSame(weights, part.weights)) this.carry(part);
    else if (zeros === 0) this.carry(makePart(part.columns, weights));
    else if (zeros < weights.length) this.pickWeighted(part, weights);
  }

  private pickWeighted(part: Part, weights: Float64Array): void {
    for (let row = 0; row < weights.length; row++)
      if (weights[row] !== 0) this.pick(part, row, weights[row]!);
  }

  /** Puts a part out as it is. */
  private carry(part: Part): void {
    this.gather();
    this.flush();
    this.parts.push(part);
  }

  /** Gives the parts that were made. */
  finish(): Part[] {
    if (this.planned > 0 && this.builder.length === 0 && this.sources.length === 1) this.pickAlone();
    this.gather();
    this.flush();
    return this.parts;
  }

  /** Makes room for rows of a part, and it the one that is picked from. */
  private turnTo(part: Part): void {
    const { sources, planned } = this;
    const rowsMax = Math.max(
      1,
      Math.min(PENDING_ROWS, Math.floor((PART_BYTES * part.weights.length) / part.bytes)),
    );
    this.rowsMax = Math.min(this.rowsMax, rowsMax);
    if (planned >= this.rowsMax || sources.length === SOURCES_MAX) {
      this.gather();
      this.rowsMax = rowsMax;
    } else if (planned === this.plan.rows.length) this.growPlan();
    const known = this.sources.indexOf(part);
    this.part = part;
    this.source = known === -1 ? this.sources.push(part) - 1 : known;
    this.room = Math.min(this.plan.rows.length, this.rowsMax);
  }

  private growPlan(): void {
    const { sources, rows, weights } = this.plan;
    this.plan = newPlan(Math.min(rows.length * 4, PENDING_ROWS));
    this.plan.sources.set(sources);
    this.plan.rows.set(rows);
    this.plan.weights.set(weights);
  }

  private gather(): void {
    const { builder, planned } = this;
    if (planned === 0) return;
    builder.gather(this.sources, this.plan, planned);
    this.planned = 0;
    this.sources = [];
    this.part = undefined;
    if (builder.length > PART_ROWS - PENDING_ROWS || builder.binaryBytes >= PART_BYTES) this.flush();
  }

  /** Picks what is planned of the one part that it is of, without a builder in between; not where heads are missing. */
  private pickAlone(): void {
    const { plan, planned } = this;
    const { columns: all } = this.sources[0]!;
    const columns = all.length === this.columns ? all : all.slice(0, this.columns);
    if (columns.some((column) => column.kind === "binary" && column.skip === NO_HEADS)) return;
    const rows = copyCounts(plan.rows, 0, planned);
    this.parts.push(pickPart(columns, rows, copyNumbers(plan.weights, 0, planned)));
    this.planned = 0;
  }

  private flush(): void {
    if (this.builder.length > 0) this.parts.push(this.builder.finish());
  }
}

// Loops by themselves, as those in consolidate.ts.

function countZeros(weights: Float64Array): number {
  let zeros = 0;
  for (let row = 0; row < weights.length; row++) if (weights[row] === 0) zeros++;
  return zeros;
}

function areSame(weights: Float64Array, others: Float64Array): boolean {
  for (let row = 0; row < weights.length; row++) if (weights[row] !== others[row]) return false;
  return true;
}

/** Rows that are planned before they are gathered, at first and at the most, and parts that they may be of. */
const FIRST_ROWS = 8;
const PENDING_ROWS = 4096;
const SOURCES_MAX = 64;
