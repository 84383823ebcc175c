import { commonSkip, type BinaryColumn } from "../column/binary-column.ts";
import { hasTails, type Column } from "../column/column.ts";
import type { Layout } from "../schema/layout.ts";
import { MergeSource, type MergeInput } from "./merge-source.ts";
import { PartBuilder, type Plan } from "./part-builder.ts";
import { compareRows, PART_BYTES, PART_ROWS, type Part } from "./part.ts";
import { WEIGHT_MAX, weightOverflow } from "./weight.ts";

/** How a {@link Merger} goes about it. */
export interface MergeOptions {
  /** From the last row to the first; parts come in descending order then. */
  readonly reverse?: boolean;
  /** How many rows the parts have that it makes. May be changed between calls. */
  readonly partRows?: number;
  /**
   * Whether a piece of a part may be put out as a view. For readers, who let go of it soon; a batch would
   * keep the whole part's memory for it.
   */
  readonly views?: boolean;
}

/**
 * A merge in progress: adds sorted inputs up to sorted parts, summing the weights of equal rows and
 * dropping zeros. Serves merging and reading alike.
 *
 * Two phases a slice: comparing heads writes a plan (which row of which input comes next), then each
 * column is gathered in a tight loop of its own. Parts that no other input touches are carried over by
 * reference. Work is metered in rows, so that a slice has a bound whatever the inputs.
 *
 * Invariant: what has been put out is below everything that is still in the sources, and a row is planned
 * only when all sources that hold it have been read up to it.
 */
export class Merger<K = unknown, V = unknown> {
  partRows: number;
  /** Whether everything has been put out. */
  isDone = false;

  private readonly layout: Layout<K, V>;
  private readonly isReverse: boolean;
  private readonly givesViews: boolean;
  private sources: MergeSource[] = [];
  private readonly fronts: Float64Array;
  /** The sources by their fronts, the one whose row comes next first. */
  private readonly queue: Uint32Array;
  private readonly builder: PartBuilder;
  private readonly plan: Plan;
  private planned = 0;
  /** The source of the row that was planned last. */
  private lastSource = -1;
  private readonly tiesFrom: number;
  /** Exact sums of planned rows that left the range of weights on the way; nearly always missing. */
  private large: Map<number, bigint> | undefined;
  private readonly finished: Part[] = [];

  /** @param inputs Their rows must be of `layout`. Each row costs O(inputs) to choose. */
  constructor(layout: Layout<K, V>, inputs: readonly MergeInput[], options: MergeOptions = {}) {
    this.layout = layout;
    this.isReverse = options.reverse ?? false;
    this.givesViews = options.views ?? false;
    this.partRows = options.partRows ?? PART_ROWS;
    const live = inputs.filter((input) => input.to > input.from);
    const first = live.flatMap((input) => partsOf(input).map((part) => part.columns[0]!));
    const skip = commonSkip(first.filter((column): column is BinaryColumn => column.kind === "binary"));
    this.sources = live.map((input) => new MergeSource(input, this.isReverse, skip));
    // A column whose heads are taken after less than its own prefix may have tails that it has not told of.
    this.tiesFrom = first.some((column) => hasTails(column) || hasOtherSkip(column, skip)) ? 0 : 1;
    this.fronts = new Float64Array(live.length);
    this.queue = new Uint32Array(live.length);
    const rows = live.reduce((sum, input) => sum + input.to - input.from, 0);
    const capacity = Math.min(rows, PLAN_ROWS);
    this.plan = {
      sources: new Uint32Array(capacity),
      rows: new Uint32Array(capacity),
      weights: new Float64Array(capacity),
    };
    this.builder = new PartBuilder(layout.kinds, Math.min(rows, this.partRows));
    this.isDone = live.length === 0;
    this.carryApart();
  }

  /** Merges about `fuel` rows of input. Returns the fuel that is left; 0 or less when it is used up. */
  work(fuel: number): number {
    while (fuel > 0 && !this.isDone) {
      fuel -= this.isAlone() ? this.carryRest() : this.merge(Math.min(fuel, PLAN_ROWS));
    }
    return fuel;
  }

  /** Takes the parts that are finished. */
  take(): Part[] {
    return this.finished.splice(0);
  }

  /** Works until a part is finished and takes it; `undefined` at the end. */
  next(): Part | undefined {
    while (this.finished.length === 0 && !this.isDone) this.work(this.partRows);
    return this.finished.shift();
  }

  /** Tells whether only one source is left, whose rows need not even be copied. */
  private isAlone(): boolean {
    return this.givesViews && this.sources.length === 1 && !this.isReverse;
  }

  /** Puts out what is left of the part that the only source stands in. */
  private carryRest(): number {
    const source = this.sources[0]!;
    const rest = source.rest();
    if (!this.mayCarry(rest)) return this.merge(PLAN_ROWS);
    this.carry(rest);
    if (!source.advance()) this.end();
    return 1;
  }

  /** Small parts are copied together rather than carried, lest parts become many and tiny. */
  private mayCarry(part: Part): boolean {
    const enough = Math.min(this.partRows, PART_ROWS) / 4;
    const isLarge = part.weights.length >= enough || part.bytes >= PART_BYTES / 4;
    return isLarge && (this.builder.length === 0 || this.builder.length >= enough);
  }

  private carry(part: Part): void {
    if (this.builder.length > 0) this.finished.push(this.builder.finish());
    this.finished.push(part);
  }

  /** Plans and gathers up to `most` rows, or up to the end of a part. Returns how many rows it read. */
  private merge(most: number): number {
    const read = this.planRows(most) + this.absorbLast();
    if (this.large !== undefined) this.settleLarge();
    this.dropZeros();
    this.gatherPlanned();
    this.advanceSources();
    return read;
  }

  private planRows(most: number): number {
    const { sources, fronts, plan, isReverse } = this;
    const step = isReverse ? -1 : 1;
    const count = sources.length;
    for (let s = 0; s < count; s++) fronts[s] = sources[s]!.heads[sources[s]!.row]!;
    const { queue } = this;
    for (let s = 0; s < count; s++) queue[s] = s;
    for (let s = count - 2; s >= 0; s--) this.settle(s, count);
    let planned = 0;
    let read = 0;
    let lastHead = NaN;
    while (planned < most) {
      const best = queue[0]!;
      const head = fronts[best]!;
      const source = sources[best]!;
      const { row } = source;
      const weight = source.part.weights[row]!;
      if (head === lastHead && best !== this.lastSource && this.equalsLast(planned, source)) {
        this.addToLast(planned, weight);
      } else {
        plan.sources[planned] = best;
        plan.rows[planned] = row;
        plan.weights[planned] = weight;
        planned++;
        this.lastSource = best;
        lastHead = head;
      }
      read++;
      source.row = row + step;
      if (source.row === source.stop) break;
      fronts[best] = source.heads[source.row]!;
      this.settle(0, count);
    }
    this.planned = planned;
    return read;
  }

  /** Moves the source at `place` of the queue back to where its front belongs; those after it are in order. */
  private settle(place: number, count: number): void {
    const { queue, fronts, isReverse } = this;
    const moved = queue[place]!;
    const head = fronts[moved]!;
    for (; place + 1 < count; place++) {
      const next = queue[place + 1]!;
      const front = fronts[next]!;
      const isNextFirst =
        front === head ? this.isTiedBefore(next, moved) : isReverse ? front > head : front < head;
      if (!isNextFirst) break;
      queue[place] = next;
    }
    queue[place] = moved;
  }

  /** Orders the fronts of two sources whose heads are equal. */
  private isTiedBefore(a: number, b: number): boolean {
    const x = this.sources[a]!;
    const y = this.sources[b]!;
    const order = compareRows(x.part, x.row, y.part, y.row, this.tiesFrom, this.layout.kinds.length);
    return this.isReverse ? order > 0 : order < 0;
  }

  private equalsLast(planned: number, source: MergeSource): boolean {
    const { part } = this.sources[this.lastSource]!;
    const row = this.plan.rows[planned - 1]!;
    return compareRows(part, row, source.part, source.row, this.tiesFrom, this.layout.kinds.length) === 0;
  }

  /** Adds the rows that equal the last planned one, so that no row is put out twice. Returns how many. */
  private absorbLast(): number {
    const { sources, plan, planned } = this;
    const head = sources[this.lastSource]!.heads[plan.rows[planned - 1]!]!;
    let read = 0;
    for (const [number, source] of sources.entries()) {
      if (number === this.lastSource || source.row === source.stop) continue;
      if (source.heads[source.row] !== head || !this.equalsLast(planned, source)) continue;
      this.addToLast(planned, source.part.weights[source.row]!);
      source.row += this.isReverse ? -1 : 1;
      read++;
    }
    return read;
  }

  /** Adds to the weight of the row that was planned last. */
  private addToLast(planned: number, weight: number): void {
    const { weights } = this.plan;
    const last = planned - 1;
    const total = weights[last]! + weight;
    if (this.large === undefined && total <= WEIGHT_MAX && total >= -WEIGHT_MAX) {
      weights[last] = total;
      return;
    }
    // What leaves the range may come back with the next input, so it is summed exactly until all are in.
    this.large ??= new Map();
    this.large.set(last, (this.large.get(last) ?? BigInt(weights[last]!)) + BigInt(weight));
  }

  private settleLarge(): void {
    for (const [at, exact] of this.large ?? []) {
      const weight = Number(exact);
      if (!Number.isSafeInteger(weight)) throw weightOverflow("a sum of weights");
      this.plan.weights[at] = weight;
    }
    this.large = undefined;
  }

  private dropZeros(): void {
    const { sources, rows, weights } = this.plan;
    let kept = 0;
    for (let i = 0; i < this.planned; i++) {
      if (weights[i] === 0) continue;
      if (kept < i) {
        sources[kept] = sources[i]!;
        rows[kept] = rows[i]!;
        weights[kept] = weights[i]!;
      }
      kept++;
    }
    this.planned = kept;
  }

  /** Gathers in pieces that respect the sizes of parts. */
  private gatherPlanned(): void {
    const { builder, plan, planned } = this;
    const parts = this.sources.map((source) => source.part);
    const rowBytes = parts.reduce((most, part) => Math.max(most, part.bytes / part.weights.length), 1);
    const bounded = Math.max(1, Math.floor(PART_BYTES / rowBytes));
    for (let from = 0; from < planned;) {
      const count = Math.min(planned - from, Math.max(1, this.partRows - builder.length), bounded);
      const piece: Plan = {
        sources: plan.sources.subarray(from, from + count),
        rows: plan.rows.subarray(from, from + count),
        weights: plan.weights.subarray(from, from + count),
      };
      builder.gather(parts, piece, count);
      if (builder.length >= this.partRows || builder.binaryBytes >= PART_BYTES)
        this.finished.push(builder.finish());
      from += count;
    }
    this.planned = 0;
    this.lastSource = -1;
  }

  /** Moves the sources that are at the end of a part on. */
  private advanceSources(): void {
    const live: MergeSource[] = [];
    for (const source of this.sources) if (source.row !== source.stop || source.advance()) live.push(source);
    this.sources = live;
    if (live.length === 0) {
      this.end();
      return;
    }
    this.carryApart();
  }

  /** Carries over what stands alone of the parts that the sources have entered. */
  private carryApart(): void {
    const live = this.sources;
    if (this.isReverse || live.length === 0) return;
    this.sources = live.filter((source) => {
      if (this.wouldOverfill(source) && this.isApart(source, live)) this.finished.push(this.builder.finish());
      while (this.isEntire(source) && this.isApart(source, live) && this.mayCarry(source.part)) {
        this.carry(source.part);
        if (!source.advance()) return false;
      }
      return true;
    });
    if (this.sources.length === 0) this.end();
  }

  private isEntire(source: MergeSource): boolean {
    return this.givesViews ? source.row === 0 : source.isWhole();
  }

  /**
   * Tells whether a part is to be cut in the middle: the rest of the source's part would fill it, and the few
   * rows left over would keep every part after it from being carried.
   */
  private wouldOverfill(source: MergeSource): boolean {
    const { length } = this.builder;
    return length >= this.partRows / 2 && length + source.stop - source.row > this.partRows;
  }

  /** Tells whether all of the part that `source` has entered comes before what the others hold. */
  private isApart(source: MergeSource, others: readonly MergeSource[]): boolean {
    const last = source.part.weights.length - 1;
    const columns = this.layout.kinds.length;
    return others.every(
      (other) => other === source || compareRows(source.part, last, other.part, other.row, 0, columns) < 0,
    );
  }

  private end(): void {
    if (this.builder.length > 0) this.finished.push(this.builder.finish());
    this.sources = [];
    this.isDone = true;
  }
}

const PLAN_ROWS = 2048;

function hasOtherSkip(column: Column, skip: number): boolean {
  return column.kind === "binary" && column.skip !== skip;
}

function partsOf(input: MergeInput): readonly Part[] {
  return input.batch.parts.slice(input.batch.partAt(input.from), input.batch.partAt(input.to - 1) + 1);
}
