import type { Layout } from "@zspine/core";
import { Batch, Merger, WEIGHT_MAX } from "@zspine/core/engine";
import type { ValueKeeper } from "../stored/batch-file.ts";
import { isStored, type AnyBatch, type StoredBatch } from "../stored/stored-batch.ts";
import type { MergeStrategy, SpineBatch } from "./merge-strategy.ts";

/** A merge that has come to its end. */
export interface MergeReport {
  /** How many batches it read. */
  readonly inputs: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
}

/** A batch in a spine, and the updates that it covers: those sealed as `lower` up to, not with, `upper`. */
export interface SpineEntry<K, V> {
  readonly batch: AnyBatch<K, V>;
  readonly lower: number;
  readonly upper: number;
}

// So that fuel without end is spent in finite shares, whose rest can be told.
const SHARE_MAX = 2 ** 30;

/** A merge of batches in memory, which goes on in `work`. */
interface MergeInProgress<K, V> {
  readonly entries: readonly SpineEntry<K, V>[];
  readonly merger: Merger<K, V>;
  readonly parts: ReturnType<Merger["take"]>;
}

/** A merge of stored batches, which others carry out, for it waits for blocks. */
export interface StoredMergeDue<K, V> {
  readonly entries: readonly SpineEntry<K, V>[];
  readonly batches: readonly StoredBatch<K, V>[];
}

/** Neighbouring batches in memory, as the inputs of a merge. */
export interface ResidentRun<K, V> {
  readonly lower: number;
  readonly upper: number;
  readonly inputs: readonly { readonly batch: Batch<K, V>; readonly from: number; readonly to: number }[];
}

/** What a spine is told of its trace. */
export interface SpineSurroundings {
  readonly strategy: MergeStrategy;
  /** Where snapshots and commits hold boundaries, and how many hold each. */
  readonly boundaries: ReadonlyMap<number, number>;
  /** Told which stored batches are in the spine. */
  readonly keeper: ValueKeeper;
  onMerge(report: MergeReport): void;
}

/**
 * The batches of a trace, oldest first and without gaps, kept few by merging neighbours. Merging is
 * resumable: it goes on in `work(fuel)`, and readers see the inputs until the result takes their place at
 * once, so that the sum of the batches is the same at every moment.
 *
 * Addition is commutative, so any batches could be merged; neighbours are, so that what came between two
 * snapshots remains a run of whole batches. A **boundary** is a place between updates that no merge
 * reaches across: each open snapshot holds one.
 *
 * Batches are in memory or stored, and a spine holds only the one or the other. Merges of stored batches are
 * said to be due; someone else makes them, and says when they are finished.
 */
export class Spine<K, V> {
  /** Merges that came to their end, and rows that they read and wrote. */
  readonly merged: { merges: number; rowsIn: number; rowsOut: number } = { merges: 0, rowsIn: 0, rowsOut: 0 };

  private readonly layout: Layout<K, V>;
  private readonly surroundings: SpineSurroundings;
  private list: readonly SpineEntry<K, V>[] = [];
  private merges: MergeInProgress<K, V>[] = [];
  private storedMerges: StoredMergeDue<K, V>[] = [];
  private isFrozen = false;

  constructor(layout: Layout<K, V>, surroundings: SpineSurroundings) {
    this.layout = layout;
    this.surroundings = surroundings;
  }

  /** The batches, oldest first; the list is never changed, only replaced. */
  get entries(): readonly SpineEntry<K, V>[] {
    return this.list;
  }

  /** How many merges are in progress. */
  get mergesInProgress(): number {
    return this.merges.length + this.storedMerges.length;
  }

  /** Merges of stored batches that are due or being made. */
  get storedMergesDue(): readonly StoredMergeDue<K, V>[] {
    return this.storedMerges;
  }

  /** Bytes that merges in progress have put out so far. */
  get mergingBytes(): number {
    let bytes = 0;
    for (const { parts } of this.merges) for (const part of parts) bytes += part.bytes;
    return bytes;
  }

  /** Adds a batch after all that are there, and begins what merges are due. */
  insert(entry: SpineEntry<K, V>): void {
    this.list = [...this.list, entry];
    if (isStored(entry.batch)) this.surroundings.keeper.hold(entry.batch.file);
    this.begin();
  }

  /** Keeps the batches as they are, while a commit writes them: lets go of merges, and begins none. */
  freeze(): void {
    this.isFrozen = true;
    this.merges = [];
  }

  unfreeze(): void {
    this.isFrozen = false;
  }

  /** Lets go of all batches. */
  clear(): void {
    for (const { batch } of this.list) if (isStored(batch)) this.surroundings.keeper.release(batch.file);
    this.list = [];
    this.merges = [];
    this.storedMerges = [];
  }

  /** Takes over the batches of `later`, which come after its own, and its merges in progress. */
  adopt(later: Spine<K, V>): void {
    this.list = [...this.list, ...later.list];
    this.merges.push(...later.merges);
    this.takeCounts(later);
    later.list = [];
    later.merges = [];
    this.begin();
  }

  /** Adds what `other` has counted to its own counts, and sets those to 0. */
  takeCounts({ merged }: Spine<K, V>): void {
    this.merged.merges += merged.merges;
    this.merged.rowsIn += merged.rowsIn;
    this.merged.rowsOut += merged.rowsOut;
    Object.assign(merged, { merges: 0, rowsIn: 0, rowsOut: 0 });
  }

  /** Hands the batches of updates below `seq` to `earlier`, with their merges; there must be a boundary at `seq`. */
  split(seq: number, earlier: Spine<K, V>): void {
    const isEarlier = (entry: SpineEntry<K, V>): boolean => entry.upper <= seq;
    earlier.list = this.list.filter(isEarlier);
    earlier.merges = this.merges.filter((merge) => merge.entries.every(isEarlier));
    this.list = this.list.filter((entry) => !isEarlier(entry));
    this.merges = this.merges.filter((merge) => !merge.entries.every(isEarlier));
  }

  /**
   * Merges about `fuel` rows, shared evenly between the merges in progress, so that small ones do not
   * starve a large one nor wait for it. Returns the fuel that is left when nothing more is to be done.
   */
  work(fuel: number): number {
    while (fuel > 0 && this.merges.length > 0) {
      const share = Math.max(1, Math.ceil(fuel / this.merges.length));
      for (const merge of this.merges) {
        // A listener of the merge before may have inserted, and that have finished this one.
        if (!this.merges.includes(merge)) continue;
        const given = Math.min(share, fuel, SHARE_MAX);
        fuel -= given - merge.merger.work(given);
        merge.parts.push(...merge.merger.take());
        if (merge.merger.isDone) this.finish(merge);
        if (fuel <= 0) break;
      }
      this.begin();
    }
    return fuel;
  }

  /** Begins what merges the strategy asks for. Called again when a boundary has gone. */
  begin(): void {
    while (!this.isFrozen) {
      const decision = this.surroundings.strategy.choose(this.describe());
      if (decision === undefined || !this.isPossible(decision.first, decision.count)) return;
      this.beginMerge(this.list.slice(decision.first, decision.first + decision.count));
    }
  }

  /** Begins to merge every run between boundaries into one batch; merges in progress go on first. */
  beginAll(): void {
    if (this.isFrozen) return;
    let first = 0;
    for (let at = 1; at <= this.list.length; at++) {
      const isEnd = at === this.list.length || this.isBoundary(at - 1) || at - first === 255;
      if (!isEnd) continue;
      if (this.isPossible(first, at - first)) this.beginMerge(this.list.slice(first, at));
      first = at;
    }
  }

  /** The batches in memory, in runs that no boundary parts and that can be merged into one. */
  runs(): ResidentRun<K, V>[] {
    const runs: ResidentRun<K, V>[] = [];
    let first = 0;
    let bound = 0;
    this.list.forEach(({ batch }, at) => {
      const next = bound + batch.weightBound;
      const isApart = at > first && (this.isBoundary(at - 1) || at - first === 255 || next > WEIGHT_MAX);
      if (isApart) {
        runs.push(this.runOf(first, at));
        first = at;
      }
      bound = isApart ? batch.weightBound : next;
    });
    if (first < this.list.length) runs.push(this.runOf(first, this.list.length));
    return runs;
  }

  private runOf(first: number, end: number): ResidentRun<K, V> {
    const entries = this.list.slice(first, end);
    const batches = entries
      .map(({ batch }) => batch)
      .filter((batch): batch is Batch<K, V> => !isStored(batch));
    return {
      lower: entries[0]!.lower,
      upper: entries.at(-1)!.upper,
      inputs: batches.map((batch) => ({ batch, from: 0, to: batch.length })),
    };
  }

  private describe(): SpineBatch[] {
    return this.list.map((entry, at) => ({
      rows: entry.batch.length,
      bytes: entry.batch.columnBytes,
      isMerging: this.isMerging(entry),
      isBoundary: this.isBoundary(at),
    }));
  }

  private isMerging(entry: SpineEntry<K, V>): boolean {
    const reads = (merge: { readonly entries: readonly SpineEntry<K, V>[] }): boolean =>
      merge.entries.includes(entry);
    return this.merges.some(reads) || this.storedMerges.some(reads);
  }

  /** Tells whether a boundary lies between a batch and the next: what was there may have come to nothing. */
  private isBoundary(at: number): boolean {
    const { upper } = this.list[at]!;
    const next = this.list[at + 1]?.lower ?? Infinity;
    for (const boundary of this.surroundings.boundaries.keys())
      if (boundary >= upper && boundary <= next) return true;
    return false;
  }

  private isPossible(first: number, count: number): boolean {
    if (count < 2 || count > 255 || first < 0 || first + count > this.list.length) return false;
    let bound = 0;
    for (let at = first; at < first + count; at++) {
      const entry = this.list[at]!;
      if (this.isMerging(entry) || (at > first && this.isBoundary(at - 1))) return false;
      bound += entry.batch.weightBound;
    }
    // A run of updates can sum to more than all updates do; such weights stay apart and are summed by readers.
    return bound <= WEIGHT_MAX;
  }

  private beginMerge(entries: readonly SpineEntry<K, V>[]): void {
    const batches = entries.map(({ batch }) => batch);
    const stored = batches.filter(isStored);
    if (stored.length === batches.length) {
      this.storedMerges.push({ entries, batches: stored });
      return;
    }
    const resident = batches as readonly Batch<K, V>[];
    const inputs = resident.map((batch) => ({ batch, from: 0, to: batch.length }));
    this.merges.push({ entries, merger: new Merger(this.layout, inputs), parts: [] });
  }

  /** Puts the result of a stored merge in the place of what it read; `undefined` when all came to nothing. */
  finishStored(merge: StoredMergeDue<K, V>, result: StoredBatch<K, V> | undefined): void {
    if (!this.storedMerges.includes(merge)) return;
    this.storedMerges = this.storedMerges.filter((other) => other !== merge);
    const { keeper } = this.surroundings;
    if (result !== undefined) keeper.hold(result.file);
    this.replace(merge.entries, result);
    for (const { file } of merge.batches) keeper.release(file);
    this.begin();
  }

  /** Gives a stored merge up: it is due no more, until the strategy decides anew. */
  abandonStored(merge: StoredMergeDue<K, V>): void {
    this.storedMerges = this.storedMerges.filter((other) => other !== merge);
  }

  private finish(merge: MergeInProgress<K, V>): void {
    const batch = new Batch(this.layout, merge.parts);
    this.merges = this.merges.filter((other) => other !== merge);
    this.replace(merge.entries, batch.length === 0 ? undefined : batch);
  }

  private replace(entries: readonly SpineEntry<K, V>[], batch: AnyBatch<K, V> | undefined): void {
    const first = this.list.indexOf(entries[0]!);
    const before = this.list.slice(0, first);
    const after = this.list.slice(first + entries.length);
    const { lower } = entries[0]!;
    const { upper } = entries.at(-1)!;
    // All of it may have come to nothing.
    this.list = batch === undefined ? [...before, ...after] : [...before, { batch, lower, upper }, ...after];
    const rowsIn = entries.reduce((rows, input) => rows + input.batch.length, 0);
    const rowsOut = batch?.length ?? 0;
    this.merged.merges++;
    this.merged.rowsIn += rowsIn;
    this.merged.rowsOut += rowsOut;
    this.surroundings.onMerge({ inputs: entries.length, rowsIn, rowsOut });
  }
}
