import type { Columns } from "../schema/columns.ts";
import { Fold } from "./fold.ts";
import type { Lens } from "./lens.ts";
import { commonSkip, MergeSource, type HeldByMerge, type MergeInput } from "./merge-source.ts";
import { MergeQueue, NEAR_SOURCES } from "./merge-queue.ts";
import { planRun } from "./merge-run.ts";
import { dropZeros, newPlan, PartBuilder, type Plan } from "./part-builder.ts";
import { compareRows, PART_BYTES, PART_ROWS, type Part } from "./part.ts";
import { PlanParts } from "./plan-parts.ts";
import { PlannedSums } from "./planned-sums.ts";
import { Slot } from "./slot.ts";

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
  private readonly queue: MergeQueue;
  /** Sources that are at the end of a part, and stay what they are until the rows of it that are planned are gathered. */
  private passed: number[] = [];
  private readonly builder: PartBuilder;
  private readonly planParts: PlanParts;
  private plan: Plan;
  /** Rows that are planned at a time at the most; there is room for as many as were asked for at a time. */
  private readonly planMax: number;
  private planned = 0;
  /** The source of the row that was planned last. */
  private lastSource = -1;
  private readonly sums = new PlannedSums();
  private finished: (Part | Slot)[] = [];
  /** Adds up what a lens makes equal; missing without one. */
  private readonly fold: Fold | undefined;
  /** Whether more could be carried over once a reader has taken what is finished. */
  private isPaused = false;

  /** @param inputs Their rows must be of `columns`. Each row costs O(log inputs) to choose. */
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
    const live = sources.filter((source) => source.begin(skip));
    this.queue = new MergeQueue(live, this.width, reverse);
    this.planParts = new PlanParts(live.length);
    const rows = live.reduce((sum, source) => sum + source.rowsMost, 0);
    this.planMax = Math.min(rows, PLAN_ROWS);
    this.plan = newPlan(Math.min(this.planMax, this.partRows));
    this.builder = new PartBuilder(columns.kinds, Math.min(rows, this.partRows));
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
      if (used === 0 && !this.passUnread() && !this.enterBrought()) return fuel;
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
    const { live, queue, plan, planParts, builder, fold } = this;
    const finished = fold === undefined ? this.finished : [...this.finished, ...fold.keeps];
    const arrays = [...queue.arrays, ...planParts.arrays, ...Object.values(plan), ...builder.arrays];
    return { sources: live, finished, arrays };
  }

  /**
   * The inputs whose next rows are missing and will be read, to be {@link Merger.bring brought}: all of them at a
   * time, the one that keeps it from going on among them.
   */
  waiting(): MergeSource[] {
    return this.live.filter((source) => !source.isLoaded && source.ahead === 0 && !this.isCarried(source));
  }

  /** Brings parts to an input that waits for them, from that of its slot on. It is turned to them when its turn comes. */
  bring(source: MergeSource, parts: readonly Part[]): void {
    source.bring(parts);
  }

  /**
   * The inputs that are read and will come to a slot that is missing next, each with the number of that slot: what a
   * reader may bring ahead.
   */
  nextMissing(): { readonly source: MergeSource; readonly from: number }[] {
    return this.live.flatMap((source) => {
      const from = source.following;
      const isInLast = source.ahead === (source.isLoaded ? 0 : 1);
      if (!isInLast || this.isReverse || from >= source.slots.to) return [];
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

  /** The inputs that have rows left. */
  private get live(): MergeSource[] {
    return this.queue.sources.filter((source) => source !== undefined);
  }

  /** Tells whether a slot is one that is handed over unread. */
  private isCarried({ isLoaded, slot }: MergeSource): boolean {
    return !isLoaded && this.carries?.has(slot) === true;
  }

  /** Hands over the slot that comes next, if it is one to be handed over unread; false when it has to be read. */
  private passUnread(): boolean {
    const source = this.queue.first!;
    if (!this.isCarried(source)) return false;
    this.carry(source.slot);
    this.advanceFirst();
    this.turnToSources();
    return true;
  }

  /** Turns to what has been brought of the rows that come next; false when nothing has. */
  private enterBrought(): boolean {
    const { queue } = this;
    if (queue.first!.ahead === 0) return false;
    const number = queue.drop();
    if (queue.sources[number]!.enterBrought()) queue.add(number);
    else queue.release(number);
    this.turnToSources();
    return true;
  }

  /** Tells whether only one source is left, whose rows need not even be copied. */
  private isAlone(): boolean {
    return this.givesViews && this.queue.count === 1 && !this.isReverse && this.queue.first!.isLoaded;
  }

  /** Puts out what is left of the part that the only source stands in. */
  private carryRest(): number {
    const rest = this.queue.first!.rest();
    if (!this.mayCarry(rest)) return this.merge(this.planMax);
    this.carry(rest);
    this.advanceFirst();
    this.turnToSources();
    return 1;
  }

  /** How many rows are enough for a part of their own. */
  private get rowsEnough(): number {
    return Math.min(this.partRows, PART_ROWS) / 4;
  }

  /** Small parts are copied together rather than carried, lest parts become many and tiny. */
  private mayCarry(part: Part): boolean {
    const { length } = this.builder;
    return this.isLarge(part) && (length === 0 || length >= this.rowsEnough);
  }

  private isLarge(part: Part): boolean {
    return part.weights.length >= this.rowsEnough || part.bytes >= this.partBytes / 4;
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
    // No more than a part has, lest all parts of a plan are gone through for each piece of it.
    const most = Math.min(fuel, this.planMax, this.partRows);
    if (most > this.plan.rows.length) this.plan = newPlan(most);
    let read = this.planRows(most);
    if (read === 0) return 0;
    read += this.absorbLast();
    this.rowsRead += read;
    this.sums.settle(this.plan.weights);
    this.planned = dropZeros(this.plan, this.planned);
    this.gatherPlanned();
    this.advancePassed();
    return read;
  }

  // In each of the loops below the first source is moved on in line: by a method, merging 8 inputs took up to 8 % longer.
  private planRows(most: number): number {
    const { queue, plan, isReverse } = this;
    const { sources, fronts, order } = queue;
    const step = isReverse ? -1 : 1;
    let planned = this.planRuns(most);
    let read = planned;
    let lastHead = NaN;
    if (this.passed.length > 0 && !this.mayPlanOn()) most = planned;
    while (planned < most) {
      const best = order[0]!;
      const head = fronts[best]!;
      const source = sources[best]!;
      if (!source.isLoaded) break;
      const { row } = source;
      const weight = source.part.weights[row]!;
      if (head === lastHead && best !== this.lastSource && this.equalsLast(planned, source)) {
        this.sums.add(plan.weights, planned - 1, weight);
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
      if (source.row === source.stop) {
        this.passed.push(queue.drop());
        if (!this.mayPlanOn()) break;
      } else {
        fronts[best] = source.heads[source.row]!;
        queue.settle();
      }
    }
    this.planned = planned;
    return read;
  }

  /** Plans rows run by run, as long as the source that comes next has many before all others. Returns how many. */
  private planRuns(most: number): number {
    const { queue, plan } = this;
    const { sources, fronts, order } = queue;
    let planned = 0;
    while (planned < most) {
      const best = order[0]!;
      const source = sources[best]!;
      const limit = queue.count === 1 ? undefined : fronts[order[1]!]!;
      const count = planRun(plan, planned, source, best, limit, most - planned);
      if (count === 0) break;
      planned += count;
      this.lastSource = best;
      if (source.row === source.stop) {
        this.passed.push(queue.drop());
        if (!this.mayPlanOn()) break;
      } else {
        fronts[best] = source.heads[source.row]!;
        queue.settle();
      }
    }
    return planned;
  }

  /**
   * Tells whether rows may be planned on after those of the source that was passed last: it has none any more, and what
   * comes next is not to be carried. So of many small inputs each need not be gathered by itself.
   */
  private mayPlanOn(): boolean {
    const { queue } = this;
    const { first } = queue;
    if (first === undefined || !queue.sources[this.passed.at(-1)!]!.isInLast) return false;
    return this.isReverse || !first.isLoaded || !this.isLarge(first.part) || !this.isApart(first);
  }

  private equalsLast(planned: number, source: MergeSource): boolean {
    const { part } = this.queue.sources[this.lastSource]!;
    const row = this.plan.rows[planned - 1]!;
    return compareRows(part, row, source.part, source.row, this.queue.tiesFrom, this.width) === 0;
  }

  /** Adds the rows that equal the last planned one, so that no row is put out twice. Returns how many. */
  private absorbLast(): number {
    const { queue, plan, planned } = this;
    const { sources, fronts, order } = queue;
    const head = sources[this.lastSource]!.heads[plan.rows[planned - 1]!]!;
    let read = 0;
    for (; queue.count > 0; read++) {
      const next = order[0]!;
      const source = sources[next]!;
      if (!source.isLoaded || fronts[next] !== head || !this.equalsLast(planned, source)) break;
      this.sums.add(plan.weights, planned - 1, source.part.weights[source.row]!);
      source.row += this.isReverse ? -1 : 1;
      if (source.row === source.stop) this.passed.push(queue.drop());
      else {
        fronts[next] = source.heads[source.row]!;
        queue.settle();
      }
    }
    return read;
  }

  /** Gathers in pieces that respect the sizes of parts. */
  private gatherPlanned(): void {
    const { builder, plan, planned } = this;
    this.fold?.seam(builder.length);
    const parts = this.planParts.of(plan, planned, this.queue.sources);
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
  private advancePassed(): void {
    const { queue, passed } = this;
    for (const number of passed) {
      if (queue.sources[number]!.advance()) queue.add(number);
      else queue.release(number);
    }
    if (passed.length > 0) this.passed = [];
    this.turnToSources();
  }

  /** Moves the first source on to its next part. */
  private advanceFirst(): void {
    const { queue } = this;
    const number = queue.drop();
    if (queue.sources[number]!.advance()) queue.add(number);
    else queue.release(number);
  }

  /**
   * Carries over parts of which all comes before what the others hold: only that of the first source can be one. Ends
   * where nothing is left.
   */
  private turnToSources(): void {
    const { queue } = this;
    this.isPaused = false;
    for (let { first } = queue; first !== undefined && !this.isReverse; { first } = queue) {
      // A reader may stop after what it has: of many small batches it would get all.
      this.isPaused = this.givesViews && this.finished.length > 0;
      if (this.isPaused) break;
      if (this.wouldOverfill(first) && this.isApart(first)) this.flush();
      if (!this.isEntire(first) || !this.mayCarry(first.part) || !this.isApart(first)) break;
      this.carry(this.asSlot(first) ?? first.part);
      this.advanceFirst();
    }
    if (queue.count === 0) this.end();
    else if (queue.count <= NEAR_SOURCES && queue.count < queue.sources.length) queue.compact();
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

  /** Tells whether all of the part that the first source has entered comes before what the others hold. */
  private isApart(first: MergeSource): boolean {
    const { count, order, sources } = this.queue;
    if (count === 1) return true;
    const next = sources[order[1]!]!;
    return compareRows(first.part, first.part.weights.length - 1, next.part, next.row, 0, this.width) < 0;
  }

  private end(): void {
    this.flush();
    const last = this.fold?.end();
    if (last !== undefined) this.finished.push(last);
    this.isDone = true;
  }
}

const PLAN_ROWS = 2048;
