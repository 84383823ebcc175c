import type { Columns } from "../schema/columns.ts";
import { Fold } from "./fold.ts";
import type { Lens } from "./lens.ts";
import { commonSkip, MergeSource, type HeldByMerge, type MergeInput } from "./merge-source.ts";
import { planRun } from "./merge-run.ts";
import { dropZeros, newPlan, PartBuilder, type Plan } from "./part-builder.ts";
import { compareRows, PART_BYTES, PART_ROWS, type Part } from "./part.ts";
import { Slot } from "./slot.ts";
import { WEIGHT_MAX, weightOverflow } from "./weight.ts";

/** How a {@link Merger} goes about it. */
export interface MergeOptions {
  /** From the last row to the first; parts come in descending order then. */
  readonly reverse?: boolean;
  /** How many rows the parts have that it makes, which may be changed between calls, and how many bytes, about. */
  readonly partRows?: number;
  readonly partBytes?: number;
  /**
   * Whether a piece of a part may be put out as a view. For readers, who let go of it soon; a batch would
   * keep the whole part's memory for it.
   */
  readonly views?: boolean;
  /**
   * Slots that are handed over without their rows being read, when their turn comes. Each must lie apart from all
   * slots of the other inputs. What is finished is then to be taken by {@link Merger.takeSlots}.
   */
  readonly carries?: ReadonlySet<Slot>;
  /** What all inputs are seen through, those that are carried excepted. The columns of the merge are then those seen. */
  readonly lens?: Lens | undefined;
}

/**
 * A merge in progress: adds sorted inputs up to sorted parts, summing the weights of equal rows and
 * dropping zeros. Everything that reads more than a look-up does, and everything that is merged or written, is one.
 *
 * Two phases a slice: comparing heads writes a plan (which row of which input comes next), then each
 * column is gathered in a tight loop of its own. Parts that no other input touches are carried over by
 * reference. Work is metered in rows, so that a slice has a bound whatever the inputs.
 *
 * It never waits: where rows come next that are not in memory it stops, and says which slots it needs. Until they
 * are brought their input stands before them, on the lower fence of the slot: what is below that goes on.
 *
 * Invariants: what has been put out is below everything that is still in the sources; a row is planned only when
 * all sources that hold it have been read up to it; of two equal fronts that of missing rows comes first, so no row
 * is planned that missing rows could equal.
 */
export class Merger {
  partRows: number;
  private readonly partBytes: number;
  /** Whether everything has been put out. */
  isDone = false;
  /** How many rows of its inputs it has read or carried over. */
  rowsRead = 0;

  private readonly width: number;
  private readonly isReverse: boolean;
  private readonly givesViews: boolean;
  private readonly carries: ReadonlySet<Slot> | undefined;
  private sources: MergeSource[] = [];
  private readonly fronts: Float64Array;
  /** The sources by their fronts, the one whose row comes next first. */
  private readonly queue: Uint32Array;
  private readonly builder: PartBuilder;
  private plan: Plan;
  /** Rows that are planned at a time at the most; there is room for as many as were asked for at a time. */
  private readonly planMax: number;
  private planned = 0;
  /** The source of the row that was planned last. */
  private lastSource = -1;
  /** The first column that is compared where heads of the first are equal. */
  private tiesFrom = 0;
  /** Exact sums of planned rows that left the range of weights on the way; nearly always missing. */
  private large: Map<number, bigint> | undefined;
  private finished: (Part | Slot)[] = [];
  /** Adds up what a lens makes equal; missing without one. */
  private readonly fold: Fold | undefined;
  /** Whether more could be carried over once a reader has taken what is finished. */
  private isPaused = false;

  /** @param inputs Their rows must be of `columns`. Each row costs O(inputs) to choose. */
  constructor(columns: Columns, inputs: readonly MergeInput[], options: MergeOptions = {}) {
    const { reverse = false, views = false, carries, lens, partRows = PART_ROWS } = options;
    this.width = columns.kinds.length;
    this.isReverse = reverse;
    this.givesViews = views;
    this.carries = carries;
    this.partRows = partRows;
    this.partBytes = options.partBytes ?? PART_BYTES;
    this.fold = lens === undefined ? undefined : new Fold(this.width);
    const window = views ? partRows : Infinity;
    const sources = inputs.map((input) => new MergeSource(input, reverse, carries, lens, window));
    const skip = columns.kinds[0] === "binary" && sources.length > 1 ? commonSkip(sources) : undefined;
    this.sources = sources.filter((source) => source.begin(skip));
    const live = this.sources;
    this.fronts = new Float64Array(live.length);
    this.queue = new Uint32Array(live.length);
    const rows = live.reduce((sum, source) => sum + source.rowsMost, 0);
    this.planMax = Math.min(rows, PLAN_ROWS);
    this.plan = newPlan(Math.min(this.planMax, this.partRows));
    this.builder = new PartBuilder(columns.kinds, Math.min(rows, this.partRows));
    this.isDone = live.length === 0;
    this.turnToSources();
  }

  /**
   * Merges about `fuel` rows of input, or up to where it needs slots. Gives the fuel that is left: 0 or less, when none is.
   */
  work(fuel: number): number {
    while (fuel > 0 && !this.isDone) {
      if (this.isPaused) {
        if (this.finished.length > 0) return 0;
        this.turnToSources();
        continue;
      }
      const used = this.isAlone() ? this.carryRest() : this.merge(fuel);
      if (used === 0 && !this.passUnread()) return fuel;
      fuel -= Math.max(used, 1);
    }
    return fuel;
  }

  /** Takes the parts that are finished. */
  take(): Part[] {
    const { finished } = this;
    this.finished = [];
    return finished as Part[];
  }

  /** Takes what is finished as slots: those that are carried over as they are, others unwritten. */
  takeSlots(): Slot[] {
    const { finished } = this;
    this.finished = [];
    return finished.map((made) => (made instanceof Slot ? made : Slot.of(made)));
  }

  /** Works until a part is finished and takes it; `undefined` at the end, or where it needs slots. */
  next(): Part | undefined {
    while (this.finished.length === 0 && !this.isDone) if (this.work(this.partRows) > 0) break;
    return this.finished.shift() as Part | undefined;
  }

  /** What it keeps in memory: the inputs that it has not read to their end, what it has made, and its own arrays. */
  get held(): HeldByMerge {
    const { sources, fronts, queue, plan, builder, fold } = this;
    const finished = fold === undefined ? this.finished : [...this.finished, ...fold.keeps];
    return { sources, finished, arrays: [fronts, queue, ...Object.values(plan), ...builder.arrays] };
  }

  /**
   * The inputs whose next rows are missing and will be read, to be {@link Merger.bring brought}: all of them at a
   * time, the one that keeps it from going on among them.
   */
  waiting(): MergeSource[] {
    return this.sources.filter((source) => !source.isLoaded && !this.isCarried(source));
  }

  /** Brings parts to an input that waits for them, from that of its slot on. */
  bring(source: MergeSource, parts: readonly Part[]): void {
    if (!source.bring(parts)) this.sources = this.sources.filter((other) => other !== source);
    if (this.sources.length === 0) this.end();
    else this.turnToSources();
  }

  /**
   * The inputs that are read and will come to a slot that is missing next, each with the number of that slot: what a
   * reader may bring ahead.
   */
  nextMissing(): { readonly source: MergeSource; readonly from: number }[] {
    return this.sources.flatMap((source) => {
      const from = source.following;
      if (!source.isLoaded || this.isReverse || source.ahead > 0 || from >= source.slots.to) return [];
      const slot = source.batch.slots[from]!;
      const isMissing = slot.part === undefined && slot.packed === undefined;
      return isMissing && this.carries?.has(slot) !== true ? [{ source, from }] : [];
    });
  }

  /** Finds the first slot of an input, after that before whose rows it stands, that is handed over unread. */
  endOfUnread({ batch, following }: MergeSource, to: number): number {
    const { carries } = this;
    if (carries === undefined) return to;
    for (let number = following; number < to; number++) if (carries.has(batch.slots[number]!)) return number;
    return to;
  }

  /** Tells whether a slot is one that is handed over unread. */
  private isCarried({ isLoaded, slot }: MergeSource): boolean {
    return !isLoaded && this.carries?.has(slot) === true;
  }

  /** Hands over the slot that comes next, if it is one to be handed over unread; false when it has to be read. */
  private passUnread(): boolean {
    const source = this.sources[this.queue[0]!]!;
    if (!this.isCarried(source)) return false;
    this.carry(source.slot);
    if (!source.advance()) this.sources = this.sources.filter((other) => other !== source);
    if (this.sources.length === 0) this.end();
    else this.turnToSources();
    return true;
  }

  /** Tells whether only one source is left, whose rows need not even be copied. */
  private isAlone(): boolean {
    return this.givesViews && this.sources.length === 1 && !this.isReverse && this.sources[0]!.isLoaded;
  }

  /** Puts out what is left of the part that the only source stands in. */
  private carryRest(): number {
    const source = this.sources[0]!;
    const rest = source.rest();
    if (!this.mayCarry(rest)) return this.merge(this.planMax);
    this.carry(rest);
    if (source.advance()) this.turnToSources();
    else this.end();
    return 1;
  }

  /** Small parts are copied together rather than carried, lest parts become many and tiny. */
  private mayCarry(part: Part): boolean {
    const enough = Math.min(this.partRows, PART_ROWS) / 4;
    const isLarge = part.weights.length >= enough || part.bytes >= this.partBytes / 4;
    return isLarge && (this.builder.length === 0 || this.builder.length >= enough);
  }

  private carry(made: Part | Slot): void {
    this.flush();
    this.rowsRead += made instanceof Slot ? made.rows : made.weights.length;
    this.put(made);
  }

  private flush(): void {
    if (this.builder.length > 0) this.put(this.builder.finish());
  }

  private put(made: Part | Slot): void {
    const complete = this.fold === undefined ? made : this.fold.push(made);
    if (complete !== undefined) this.finished.push(complete);
  }

  /** Plans and gathers as many rows as fuel allows, or up to the end of a part. Returns how many rows it read. */
  private merge(fuel: number): number {
    const most = Math.min(fuel, this.planMax);
    if (most > this.plan.rows.length) this.plan = newPlan(most);
    let read = this.planRows(most);
    if (read === 0) return 0;
    read += this.absorbLast();
    this.rowsRead += read;
    if (this.large !== undefined) this.settleLarge();
    this.planned = dropZeros(this.plan, this.planned);
    this.gatherPlanned();
    this.advanceSources();
    return read;
  }

  private planRows(most: number): number {
    const { sources, fronts, queue, plan, isReverse } = this;
    const step = isReverse ? -1 : 1;
    const count = sources.length;
    let planned = this.planRuns(most);
    let read = planned;
    let lastHead = NaN;
    if (planned > 0 && sources[this.lastSource]!.isAtEnd) most = planned;
    while (planned < most) {
      const best = queue[0]!;
      const head = fronts[best]!;
      const source = sources[best]!;
      if (!source.isLoaded) break;
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

  /** Plans rows run by run, as long as the source that comes next has many before all others. Returns how many. */
  private planRuns(most: number): number {
    const { sources, fronts, queue, plan } = this;
    let planned = 0;
    while (planned < most) {
      const best = queue[0]!;
      const source = sources[best]!;
      const limit = sources.length === 1 ? undefined : fronts[queue[1]!]!;
      const count = planRun(plan, planned, source, best, limit, most - planned);
      if (count === 0) break;
      planned += count;
      this.lastSource = best;
      if (source.row === source.stop) break;
      fronts[best] = source.heads[source.row]!;
      this.settle(0, sources.length);
    }
    return planned;
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
    const order = compareRows(x.part, x.row, y.part, y.row, this.tiesFrom, this.width);
    if (order === 0) return !x.isLoaded && y.isLoaded;
    return this.isReverse ? order > 0 : order < 0;
  }

  private equalsLast(planned: number, source: MergeSource): boolean {
    const { part } = this.sources[this.lastSource]!;
    const row = this.plan.rows[planned - 1]!;
    return compareRows(part, row, source.part, source.row, this.tiesFrom, this.width) === 0;
  }

  /** Adds the rows that equal the last planned one, so that no row is put out twice. Returns how many. */
  private absorbLast(): number {
    const { sources, plan, planned } = this;
    const head = sources[this.lastSource]!.heads[plan.rows[planned - 1]!]!;
    let read = 0;
    for (const [number, source] of sources.entries()) {
      if (number === this.lastSource || source.row === source.stop || !source.isLoaded) continue;
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

  /** Gathers in pieces that respect the sizes of parts. */
  private gatherPlanned(): void {
    const { builder, plan, planned } = this;
    this.fold?.seam(builder.length);
    const parts = this.sources.map((source) => source.part);
    const rowBytes = parts.reduce((most, part) => Math.max(most, part.bytes / part.weights.length), 1);
    const bounded = Math.max(1, Math.floor(this.partBytes / rowBytes));
    for (let from = 0; from < planned;) {
      const count = Math.min(planned - from, Math.max(1, this.partRows - builder.length), bounded);
      const piece: Plan = {
        sources: plan.sources.subarray(from, from + count),
        rows: plan.rows.subarray(from, from + count),
        weights: plan.weights.subarray(from, from + count),
      };
      builder.gather(parts, piece, count);
      if (builder.length >= this.partRows || builder.binaryBytes >= this.partBytes)
        this.put(builder.finish());
      from += count;
    }
    this.planned = 0;
    this.lastSource = -1;
  }

  /** Moves the sources that are at the end of a part on. */
  private advanceSources(): void {
    let isEnded = false;
    for (const source of this.sources) if (source.isAtEnd && !source.advance()) isEnded = true;
    if (isEnded) this.sources = this.sources.filter((source) => !source.isAtEnd);
    if (this.sources.length === 0) this.end();
    else this.turnToSources();
  }

  /** Carries over what stands alone of the parts that sources have entered, and puts the sources in order. */
  private turnToSources(): void {
    this.carryApart();
    if (this.sources.length === 0) return;
    // A column whose heads are taken after less than its own prefix may have tails that it has not told of.
    this.tiesFrom = this.sources.every((source) => source.isToldByHead) ? 1 : 0;
    this.refreshQueue();
  }

  /** Puts the sources in the order of their fronts. */
  private refreshQueue(): void {
    const { sources, fronts, queue } = this;
    const count = sources.length;
    for (let s = 0; s < count; s++) {
      const source = sources[s]!;
      fronts[s] = source.isLoaded ? source.heads[source.row]! : source.front;
      queue[s] = s;
    }
    for (let s = count - 2; s >= 0; s--) this.settle(s, count);
  }

  /** Carries over what stands alone of the parts that the sources have entered. */
  private carryApart(): void {
    const live = this.sources;
    if (this.isReverse || live.length === 0) return;
    let isEnded = false;
    this.isPaused = false;
    for (const source of live) {
      // A reader may stop after what it has: of many small batches it would get all, each compared with all others.
      if (this.givesViews && this.finished.length > 0) {
        this.isPaused = true;
        break;
      }
      if (this.wouldOverfill(source) && this.isApart(source, live)) this.flush();
      while (this.isEntire(source) && this.isApart(source, live)) {
        if (!this.mayCarry(source.part)) break;
        this.carry(this.asSlot(source) ?? source.part);
        if (source.advance()) {
          this.isPaused = this.givesViews;
          if (this.isPaused) break;
          continue;
        }
        isEnded = true;
        source.row = source.stop;
        break;
      }
    }
    if (isEnded) this.sources = live.filter((source) => !source.isAtEnd);
    if (this.sources.length === 0) this.end();
  }

  /** The slot that a source stands in, if it is to be shared as it is: what lies elsewhere is written anew. */
  private asSlot(source: MergeSource): Slot | undefined {
    if (this.carries === undefined || !source.isWhole()) return undefined;
    return source.slot.home === undefined ? source.slot : undefined;
  }

  private isEntire(source: MergeSource): boolean {
    return source.isLoaded && (this.givesViews ? source.row === 0 : source.isWhole());
  }

  /**
   * Tells whether a part is to be cut in the middle: the rest of the source's part would fill it, and the few
   * rows left over would keep every part after it from being carried.
   */
  private wouldOverfill(source: MergeSource): boolean {
    const { length } = this.builder;
    if (!source.isLoaded) return false;
    return length >= this.partRows / 2 && length + source.stop - source.row > this.partRows;
  }

  /** Tells whether all of the part that `source` has entered comes before what the others hold. */
  private isApart(source: MergeSource, others: readonly MergeSource[]): boolean {
    const last = source.part.weights.length - 1;
    for (const other of others) {
      if (other === source || other.isAtEnd) continue;
      if (compareRows(source.part, last, other.part, other.row, 0, this.width) >= 0) return false;
    }
    return true;
  }

  private end(): void {
    this.flush();
    const last = this.fold?.end();
    if (last !== undefined) this.finished.push(last);
    this.sources = [];
    this.isDone = true;
  }
}

const PLAN_ROWS = 2048;
