import { Batch, Merger, WEIGHT_MAX, type Layout } from "@zspine/core";
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
  readonly batch: Batch<K, V>;
  readonly lower: number;
  readonly upper: number;
}

// So that fuel without end is spent in finite shares, whose rest can be told.
const SHARE_MAX = 2 ** 30;

interface MergeInProgress<K, V> {
  readonly entries: readonly SpineEntry<K, V>[];
  readonly merger: Merger<K, V>;
  readonly parts: ReturnType<Merger["take"]>;
}

/**
 * The batches of a trace, oldest first and without gaps, kept few by merging neighbours. Merging is
 * resumable: it goes on in `work(fuel)`, and readers see the inputs until the result takes their place at
 * once, so that the sum of the batches is the same at every moment.
 *
 * Addition is commutative, so any batches could be merged; neighbours are, so that what came between two
 * snapshots remains a run of whole batches. A **boundary** is a place between updates that no merge
 * reaches across: each open snapshot holds one.
 */
export class Spine<K, V> {
  /** Merges that came to their end, and rows that they read and wrote. */
  readonly merged: { merges: number; rowsIn: number; rowsOut: number } = { merges: 0, rowsIn: 0, rowsOut: 0 };

  private readonly layout: Layout<K, V>;
  private readonly strategy: MergeStrategy;
  private readonly onMerge: (report: MergeReport) => void;
  private list: readonly SpineEntry<K, V>[] = [];
  private merges: MergeInProgress<K, V>[] = [];
  /** Where snapshots hold boundaries, and how many hold each. */
  private readonly boundaries: ReadonlyMap<number, number>;

  constructor(
    layout: Layout<K, V>,
    strategy: MergeStrategy,
    boundaries: ReadonlyMap<number, number>,
    onMerge: (report: MergeReport) => void,
  ) {
    this.layout = layout;
    this.strategy = strategy;
    this.boundaries = boundaries;
    this.onMerge = onMerge;
  }

  /** The batches, oldest first; the list is never changed, only replaced. */
  get entries(): readonly SpineEntry<K, V>[] {
    return this.list;
  }

  /** How many merges are in progress. */
  get mergesInProgress(): number {
    return this.merges.length;
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
    this.begin();
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
    for (;;) {
      const decision = this.strategy.choose(this.describe());
      if (decision === undefined || !this.isPossible(decision.first, decision.count)) return;
      this.beginMerge(this.list.slice(decision.first, decision.first + decision.count));
    }
  }

  /** Begins to merge every run between boundaries into one batch; merges in progress go on first. */
  beginAll(): void {
    let first = 0;
    for (let at = 1; at <= this.list.length; at++) {
      const isEnd = at === this.list.length || this.isBoundary(at - 1) || at - first === 255;
      if (!isEnd) continue;
      if (this.isPossible(first, at - first)) this.beginMerge(this.list.slice(first, at));
      first = at;
    }
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
    return this.merges.some((merge) => merge.entries.includes(entry));
  }

  /** Tells whether a boundary lies between a batch and the next: what was there may have come to nothing. */
  private isBoundary(at: number): boolean {
    const { upper } = this.list[at]!;
    const next = this.list[at + 1]?.lower ?? Infinity;
    for (const boundary of this.boundaries.keys()) if (boundary >= upper && boundary <= next) return true;
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
    const inputs = entries.map(({ batch }) => ({ batch, from: 0, to: batch.length }));
    this.merges.push({ entries, merger: new Merger(this.layout, inputs), parts: [] });
  }

  private finish(merge: MergeInProgress<K, V>): void {
    const batch = new Batch(this.layout, merge.parts);
    const first = this.list.indexOf(merge.entries[0]!);
    const entry = { batch, lower: merge.entries[0]!.lower, upper: merge.entries.at(-1)!.upper };
    const before = this.list.slice(0, first);
    const after = this.list.slice(first + merge.entries.length);
    // All of it may have come to nothing.
    this.list = batch.length === 0 ? [...before, ...after] : [...before, entry, ...after];
    this.merges = this.merges.filter((other) => other !== merge);
    const rowsIn = merge.entries.reduce((rows, input) => rows + input.batch.length, 0);
    this.merged.merges++;
    this.merged.rowsIn += rowsIn;
    this.merged.rowsOut += batch.length;
    this.onMerge({ inputs: merge.entries.length, rowsIn, rowsOut: batch.length });
  }
}
