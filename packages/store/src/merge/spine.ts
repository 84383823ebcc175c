import { check, WEIGHT_MAX, type Batch } from "@zspine/core/engine";
import type { WatchedOperation } from "../diagnostics/operations.ts";
import type { BatchFile } from "../tier/batch-file.ts";
import type { MadeBatch } from "../tier/batch-sink.ts";
import { SpilledFile } from "../tier/spilled-file.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import { findFlushable } from "./flushable.ts";
import { Merge } from "./merge.ts";
import type { SpineSurroundings } from "./spine-surroundings.ts";
import { checkSum, isExact, weightOf } from "./weight-check.ts";
import { INPUTS_MAX, type MergeDecision, type SpineBatch } from "./merge-strategy.ts";

/** A batch in a spine, and the updates that it covers: those from `lower` up to, not with, `upper`. */
export interface SpineEntry {
  readonly batch: Batch;
  /** How it lies in the backend; missing where a commit has not written it. */
  readonly file: BatchFile | undefined;
  /** What keeps the values that it lies in: its file, or what knows of its slots that were spilled. */
  readonly holder: StoredFile;
  readonly lower: number;
  readonly upper: number;
}

/** Neighbours that are being merged. */
export interface SpineMerge {
  readonly entries: readonly SpineEntry[];
  readonly merge: Merge;
  /** The spine that they are in; missing once it has let go of the merge. */
  spine: Spine | undefined;
  /** Whether what came of it is in their place. */
  isFinished: boolean;
  /** Missing where nobody listens to merges. */
  readonly watched: WatchedOperation<"zspine:merge"> | undefined;
}

/** What a strategy sees of an entry, made once. */
interface SeenBatch extends SpineBatch {
  isMerging: boolean;
}

/** Neighbours that no boundary parts and that can be merged into one. */
export type SpineRun = readonly SpineEntry[];

// So that fuel without end is spent in finite shares, whose rest can be told.
const SHARE_MAX = 2 ** 30;

/**
 * The batches of a trace, oldest first and without gaps, kept few by merging neighbours. Merging is resumable, and
 * readers see the inputs until the result takes their place at once, so that the sum of the batches is the same at
 * every moment.
 *
 * Addition is commutative, so any batches could be merged; neighbours are, so that what came between two snapshots
 * remains a run of whole batches. Boundaries part the batches into **runs**; the strategy is asked of the run in
 * which something has changed, so what is done for a batch does not grow with their number.
 *
 * Merging adds nothing to the sum, so whoever hands batches over does not hear of a merge that fails, nor of a
 * strategy that does: it is given up and told of, and the batches stay as they are until another is begun.
 */
export class Spine {
  /** Merges that came to their end, and rows that they read and wrote. */
  readonly merged: { merges: number; rowsIn: number; rowsOut: number } = { merges: 0, rowsIn: 0, rowsOut: 0 };

  private readonly surroundings: SpineSurroundings;
  private list: SpineEntry[] = [];
  /** Whether somebody has been given the list, which stays as it is then. */
  private isGiven = false;
  /** Of each entry, what a strategy sees: so many batches as there are, not so many objects for each question. */
  private seen: SeenBatch[] = [];
  private readonly running = new Set<SpineMerge>();
  private isFrozen = false;
  private rowsHeld = 0;
  /** Those of the entries that lie in the backend, once somebody has asked. */
  private stored: readonly BatchFile[] | undefined;

  constructor(surroundings: SpineSurroundings) {
    this.surroundings = surroundings;
  }

  /** The batches, oldest first; a list that has been given is never changed, only replaced. */
  get entries(): readonly SpineEntry[] {
    this.isGiven = true;
    return this.list;
  }

  /** How many batches there are. */
  get length(): number {
    return this.list.length;
  }

  /** The merges in progress. */
  get merges(): ReadonlySet<SpineMerge> {
    return this.running;
  }

  get rows(): number {
    return this.rowsHeld;
  }

  /** How the batches lie in the backend that do, oldest first. */
  get files(): readonly BatchFile[] {
    return (this.stored ??= this.list.flatMap(({ file }) => file ?? []));
  }

  /** Adds a batch after all that are there, and begins what merges are due. */
  insert({ batch, file, lower, upper }: Omit<SpineEntry, "holder">): void {
    const before = this.list.at(-1)?.upper ?? lower;
    check(before <= lower && lower < upper, "batches cover places in order (5)");
    const holder = file ?? new SpilledFile(batch);
    const entry = { batch, file, holder, lower, upper };
    // In its place while nobody has the list: were it copied for each of n batches, they would cost n².
    if (this.isGiven) this.put([...this.list], this.seen, this.rowsHeld);
    this.list.push(entry);
    this.seen.push(seenOf(entry));
    this.rowsHeld += batch.length;
    this.stored = undefined;
    this.surroundings.keeper.hold(holder);
    this.begin(this.list.length - 1);
  }

  /** Keeps the batches as they are, while a commit writes them: lets go of merges, and begins none. */
  freeze(): void {
    this.isFrozen = true;
    this.dropAll();
  }

  unfreeze(): void {
    this.isFrozen = false;
  }

  /** Lets go of all batches, and of the merges in progress. */
  clear(): void {
    this.dropAll();
    const { list } = this;
    this.put([], [], 0);
    for (const { holder } of list) this.surroundings.keeper.release(holder);
  }

  /** Takes over the batches of `later`, which come after its own, and its merges in progress. */
  adopt(later: Spine): void {
    const at = this.list.length;
    this.put([...this.list, ...later.list], [...this.seen, ...later.seen], this.rowsHeld + later.rowsHeld);
    for (const merge of later.running) this.add(merge);
    this.takeCounts(later);
    later.put([], [], 0);
    later.running.clear();
    this.beginFrom(at);
  }

  /** Begins what merges have become due, wherever they are: what they look through has changed. */
  reconsider(): void {
    this.beginFrom(0);
  }

  /** Whether commits are to wait for merges, by what these look through. */
  get isBehind(): boolean {
    const lens = this.surroundings.lens();
    if (lens === undefined) return false;
    for (let start = 0, end = 0; start < this.list.length; start = end) {
      end = this.endOfRun(start);
      if (lens.isBehind(this.list.slice(start, end).map(({ batch }) => batch))) return true;
    }
    return false;
  }

  private beginFrom(at: number): void {
    for (let number = at; number < this.list.length; number = this.endOfRun(number)) this.begin(number);
  }

  /** Adds what `other` has counted to its own counts, and sets those to 0. */
  takeCounts({ merged }: Spine): void {
    this.merged.merges += merged.merges;
    this.merged.rowsIn += merged.rowsIn;
    this.merged.rowsOut += merged.rowsOut;
    Object.assign(merged, { merges: 0, rowsIn: 0, rowsOut: 0 });
  }

  /** Hands the batches of updates below `place` to `earlier`, with their merges; there must be a boundary there. */
  split(place: number, earlier: Spine): void {
    const end = this.firstFrom(place);
    check((this.list[end]?.lower ?? place) >= place, "no batch reaches across a boundary (5)");
    let rows = 0;
    for (let at = 0; at < end; at++) rows += this.list[at]!.batch.length;
    earlier.put(this.list.slice(0, end), this.seen.slice(0, end), rows);
    this.put(this.list.slice(end), this.seen.slice(end), this.rowsHeld - rows);
    const running = [...this.running];
    this.running.clear();
    for (const merge of running) (merge.entries[0]!.upper <= place ? earlier : this).add(merge);
  }

  /**
   * Merges about `fuel` rows, shared evenly between the merges in progress, so that small ones do not starve a large
   * one nor wait for it. Those that wait for slots are left out, and those that write, which go on in the background
   * only. Returns the fuel that is left when nothing more is to be done.
   */
  work(fuel: number): number {
    for (;;) {
      const able: SpineMerge[] = [];
      for (const one of this.running) if (!one.merge.isHungry && !one.merge.writes) able.push(one);
      if (fuel <= 0 || able.length === 0) return fuel;
      const share = Math.max(1, Math.ceil(fuel / able.length));
      for (const one of able) {
        const given = Math.min(share, fuel, SHARE_MAX);
        fuel -= given - this.workOn(one, given);
        if (one.merge.isDone) this.finish(one);
        if (fuel <= 0) break;
      }
    }
  }

  /** Returns the fuel that is left; gives the merge up where it fails. */
  private workOn(one: SpineMerge, fuel: number): number {
    try {
      return one.merge.work(fuel);
    } catch (error) {
      this.abandon(one, error);
      return fuel;
    }
  }

  /** Begins what merges the strategy asks for in the run in which the batch `at` is. */
  private begin(at: number): void {
    try {
      this.beginChosen(at);
    } catch (error) {
      this.surroundings.onFailure(error);
    }
  }

  private beginChosen(at: number): void {
    while (!this.isFrozen && this.list.length > 0) {
      const place = Math.min(at, this.list.length - 1);
      const chosen = this.choose(this.firstOfRun(place), this.endOfRun(place));
      if (chosen === undefined) return;
      this.beginMerge(this.list.slice(chosen.first, chosen.first + chosen.count));
    }
  }

  /** Chooses a merge that is possible among the entries of a run, from `start` up to `end`. */
  private choose(start: number, end: number): MergeDecision | undefined {
    const lens = this.surroundings.lens();
    if (lens === undefined) return this.askStrategy(start, end, start, end);
    const batches = this.list.slice(start, end).map(({ batch }) => batch);
    const busy = this.seen.slice(start, end).findIndex(({ isMerging }) => isMerging);
    const due = this.placed(lens.due(busy < 0 ? batches : batches.slice(0, busy)), start, start, end);
    if (due !== undefined) return due;
    const parting = start + lens.parting(batches);
    return (
      this.askStrategy(parting, end, start, end) ??
      this.askStrategy(start, parting, start, end) ??
      this.placed(lens.choose(batches), start, start, end)
    );
  }

  /** Asks the strategy of the entries from `from` up to `to`, which lie in the run from `start` up to `end`. */
  private askStrategy(from: number, to: number, start: number, end: number): MergeDecision | undefined {
    if (to - from < 2) return undefined;
    return this.placed(this.surroundings.strategy.choose(this.seen.slice(from, to)), from, start, end);
  }

  /** Counts a decision from the first entry on instead of from the entry `from`; nothing where it is not possible. */
  private placed(
    decision: MergeDecision | undefined,
    from: number,
    start: number,
    end: number,
  ): MergeDecision | undefined {
    if (decision === undefined) return undefined;
    const { first, count } = decision;
    return this.isPossible(first + from, count, start, end) ? { first: first + from, count } : undefined;
  }

  /** Begins what merges have become possible where there was a boundary. */
  join(place: number): void {
    const at = this.firstFrom(place);
    if (at > 0 && at < this.list.length) this.begin(at);
  }

  /** Begins to merge every run into one batch; merges in progress go on first. */
  beginAll(): void {
    for (let first = 0; first < this.list.length && !this.isFrozen;) {
      const end = Math.min(this.endOfRun(first), first + INPUTS_MAX);
      if (this.isPossible(first, end - first, first, end)) this.beginMerge(this.list.slice(first, end));
      first = end;
    }
  }

  /** The batches in runs that no boundary parts and that can each be merged into one. */
  runs(): SpineRun[] {
    const runs: SpineEntry[][] = [];
    let bound = 0;
    this.list.forEach((entry, at) => {
      const run = runs.at(-1);
      bound += entry.batch.weightBound;
      const isApart =
        run === undefined || this.isBoundary(at - 1) || run.length === INPUTS_MAX || bound > WEIGHT_MAX;
      if (!isApart) run.push(entry);
      else {
        runs.push([entry]);
        bound = entry.batch.weightBound;
      }
    });
    return runs;
  }

  /** Puts the result of a merge in the place of what it read, unless it has been let go of. */
  finish(merge: SpineMerge): void {
    if (merge.spine !== this) return;
    this.drop(merge);
    merge.isFinished = true;
    const { keeper, onMerge, onLoss } = this.surroundings;
    const { made } = merge.merge;
    if (!merge.merge.leavesOut) checkSum(merge.entries, made);
    else onLoss(merge.entries.at(-1)!.upper, weightOf(merge.entries) - (made?.batch.totalWeight ?? 0));
    if (made?.file !== undefined) {
      const isThere = keeper.areThere(made.file.values, new Set(merge.merge.written));
      check(isThere, "nothing can be named before it is written (6)");
    }
    const holder = made && (made.file ?? new SpilledFile(made.batch));
    if (holder !== undefined) keeper.hold(holder);
    const at = this.replace(merge.entries, made && { ...made, holder: holder! });
    for (const entry of merge.entries) keeper.release(entry.holder);
    this.begin(Math.max(0, at));
    const rowsIn = merge.entries.reduce((rows, { batch }) => rows + batch.length, 0);
    const rowsOut = made?.batch.length ?? 0;
    const bytes = made?.file?.head.bytes ?? 0;
    this.merged.merges++;
    this.merged.rowsIn += rowsIn;
    this.merged.rowsOut += rowsOut;
    onMerge({ inputs: merge.entries.length, rowsIn, rowsOut, bytes });
    merge.watched?.end({ rowsOut, bytes });
  }

  /** Gives a merge up that has failed, until the strategy decides anew. */
  abandon(merge: SpineMerge, error: unknown): void {
    this.drop(merge);
    this.surroundings.onFailure(error);
    merge.watched?.fail(error);
  }

  private put(list: SpineEntry[], seen: SeenBatch[], rows: number): void {
    this.list = list;
    this.isGiven = false;
    this.seen = seen;
    this.rowsHeld = rows;
    this.stored = undefined;
  }

  private add(merge: SpineMerge): void {
    this.running.add(merge);
    merge.spine = this;
    this.tellMerging(merge, true);
  }

  private drop(merge: SpineMerge): void {
    if (merge.spine !== this) return;
    this.running.delete(merge);
    merge.spine = undefined;
    this.tellMerging(merge, false);
  }

  /** Lets go of a merge of which nobody wants the result any more. */
  private letGo(merge: SpineMerge): void {
    this.drop(merge);
    merge.watched?.end({ isAbandoned: true });
  }

  private dropAll(): void {
    for (const merge of this.running) this.letGo(merge);
  }

  private tellMerging({ entries }: SpineMerge, isMerging: boolean): void {
    const first = this.firstFrom(entries[0]!.lower);
    for (let at = first; at < first + entries.length; at++) this.seen[at]!.isMerging = isMerging;
  }

  /** Tells whether a boundary lies between a batch and the next: what was there may have come to nothing. */
  private isBoundary(at: number): boolean {
    const next = this.list[at + 1];
    return next === undefined || this.surroundings.boundaries.hasWithin(this.list[at]!.upper, next.lower);
  }

  private firstOfRun(at: number): number {
    return this.firstFrom(this.surroundings.boundaries.lastUpTo(this.list[at]!.lower));
  }

  private endOfRun(at: number): number {
    return this.firstFrom(this.surroundings.boundaries.nextFrom(this.list[at]!.upper));
  }

  /** Counts the batches of updates below `place`. */
  private firstFrom(place: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle]!.upper <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isPossible(first: number, count: number, start: number, end: number): boolean {
    if (!(count >= 1 && count <= INPUTS_MAX && first >= start && first + count <= end)) return false;
    const lens = this.surroundings.lens();
    // Alone, a batch is written again for nothing, but where a lens makes less of it.
    if (count === 1 && lens?.shrinks(this.list[first]!.batch) !== true) return false;
    // What is left out has to be told by its weight.
    if (
      lens?.leavesOut === true &&
      !this.list.slice(first, first + count).every(({ batch }) => isExact(batch))
    )
      return false;
    let bound = 0;
    for (let at = first; at < first + count; at++) {
      if (this.seen[at]!.isMerging) return false;
      bound += this.list[at]!.batch.sumBound;
    }
    // A run of updates can sum to more than all updates do; such weights stay apart and are summed by readers.
    return bound <= WEIGHT_MAX;
  }

  /**
   * Begins a merge of neighbours that are in memory alone and not in use, `bytesLeast` or more, which is written whatever
   * there is room for; in the place of merges of them that nobody has worked at. Gives it, if any is worth it.
   */
  beginFlush(bytesLeast: number): SpineMerge | undefined {
    if (this.isFrozen || this.surroundings.lens() !== undefined) return undefined;
    const begun = new Set<SpineEntry>();
    for (const { merge, entries } of this.running)
      if (merge.isBegun) for (const one of entries) begun.add(one);
    for (let start = 0, end = 0; start < this.list.length; start = end) {
      end = this.endOfRun(start);
      const entries = this.list.slice(start, end);
      const found = findFlushable(entries.map((one) => ({ batch: one.batch, isMerging: begun.has(one) })));
      if (found === undefined || found.bytes < bytesLeast) continue;
      const chosen = entries.slice(found.from, found.to).slice(0, INPUTS_MAX);
      for (const one of this.running)
        if (one.entries.some((entry) => chosen.includes(entry))) this.letGo(one);
      if (this.isPossible(start + found.from, chosen.length, start, end))
        return this.beginMerge(chosen, Infinity);
    }
    return undefined;
  }

  /** @param bytes That it may make, about. */
  private beginMerge(
    entries: readonly SpineEntry[],
    bytes = entries.reduce((sum, { batch }) => sum + batch.columnBytes, 0),
  ): SpineMerge {
    const { owner, newSink, lens, operations } = this.surroundings;
    const batches = entries.map(({ batch }) => batch);
    const merge = new Merge(owner, batches, newSink(bytes), lens());
    const rowsIn = batches.reduce((rows, { length }) => rows + length, 0);
    const watched = operations?.begin("zspine:merge", { trace: owner.name, inputs: batches.length, rowsIn });
    const one = { entries, merge, spine: undefined, isFinished: false, watched };
    this.add(one);
    return one;
  }

  /** Gives the place of the result. */
  private replace(
    entries: readonly SpineEntry[],
    made: (MadeBatch & Pick<SpineEntry, "holder">) | undefined,
  ): number {
    const { lower } = entries[0]!;
    const first = this.firstFrom(lower);
    const { upper } = entries.at(-1)!;
    check(
      entries.every((entry, at) => this.list[first + at] === entry),
      "a merge ends where its batches are",
    );
    check(
      !this.surroundings.boundaries.hasWithin(lower + 1, upper - 1) || entries.length === 1,
      "no batch reaches across a boundary (5)",
    );
    const list = this.list.slice();
    const seen = this.seen.slice();
    // All of it may have come to nothing.
    const result = made === undefined ? [] : [{ ...made, lower, upper }];
    list.splice(first, entries.length, ...result);
    seen.splice(first, entries.length, ...result.map(seenOf));
    const rows = entries.reduce((sum, { batch }) => sum - batch.length, made?.batch.length ?? 0);
    this.put(list, seen, this.rowsHeld + rows);
    return Math.min(first, list.length - 1);
  }
}

function seenOf({ batch }: Pick<SpineEntry, "batch">): SeenBatch {
  return { rows: batch.length, bytes: batch.columnBytes, isMerging: false };
}
