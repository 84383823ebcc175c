import type { Layout } from "@zspine/core";
import { check, type Batch } from "@zspine/core/engine";
import type { Operations } from "../diagnostics/operations.ts";
import { Boundaries } from "../merge/boundaries.ts";
import type { MergeReport } from "../merge/merge-report.ts";
import { Spine, type SpineEntry } from "../merge/spine.ts";
import type { HeadMark } from "../head/head.ts";
import type { Json } from "../head/metadata.ts";
import type { MergeLens } from "../merge/merge-lens.ts";
import type { MergeStrategy } from "../merge/merge-strategy.ts";
import type { BatchFile } from "../tier/batch-file.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import { MemorySink, type BatchSink } from "../tier/batch-sink.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { HeldPlaces } from "./held-places.ts";
import type { ToldState } from "./told-state.ts";
import { Weights } from "./weights.ts";

/** A batch that lies in the backend. */
export interface StoredBatch {
  readonly batch: Batch;
  readonly file: BatchFile;
}

/** What stands for the batches of a commit once it is acknowledged. */
export interface StoredRun {
  readonly lower: number;
  readonly upper: number;
  /** Missing when all of it came to nothing. */
  readonly stored: StoredBatch | undefined;
}

/** Where what merges make goes. */
export interface MergeSinks {
  /** Whether commits write rows, so that merges of what they have written do, too. */
  readonly commitsWrite: boolean;
  /** Whether a merge that makes about so many bytes of other rows is to write them. */
  isWritten(bytes: number): boolean;
  /** Bytes of a slot that is made in memory, about, at the most. */
  partBytes(): number;
  /** Makes a sink that writes to the backend. */
  newStored(name: string, layout: Layout): BatchSink;
  /** Whether memory is short, so that inserts pay for no merges, which need some. */
  isShort(): boolean;
  /** How many batches a merge may read that look-ups have paid for; none where all rows may stay in memory. */
  paidInputs(): number;
}

/** What the stages of a trace are told. */
export interface StagesSurroundings {
  readonly name: string;
  readonly layout: Layout;
  readonly strategy: MergeStrategy;
  /** What heads say of the trace besides its rows, where it is of another kind. */
  readonly told: ToldState<unknown> | undefined;
  /** What merges of committed batches look through. */
  lens(): MergeLens | undefined;
  readonly keeper: ValueKeeper;
  readonly sinks: MergeSinks;
  /** Whom merges are told to; by default nobody. */
  readonly operations?: Operations | undefined;
  /** Told that rows have come into memory, of about so many bytes. */
  onBytes(bytes: number, rows: number): void;
  onMerge(report: MergeReport): void;
  onMergeFailure(error: unknown): void;
}

/** What a trace held at the head from which its store was opened. */
export interface CommittedRows {
  /** Oldest first. */
  readonly batches: readonly StoredBatch[];
  readonly totalWeight: number;
  /** What the head says of it besides its rows, where it is of another kind. */
  readonly told?: Json | undefined;
  /** What it held at each commit that is held. */
  readonly held: readonly HeadMark[];
  /** The head that named it first; missing where none has. */
  readonly created: number | undefined;
}

/**
 * The sealed updates of a trace, on their way to the committed spine:
 *
 * | stage | holds |
 * |---|---|
 * | pending | sealed batches that no commit has taken |
 * | committing | what a commit in flight has taken |
 * | committed | what commits have acknowledged |
 *
 * Every row that was ever staged has a **place**, counted from the opening of the store; a batch covers the places
 * that it was merged from. Snapshots and commits hold boundaries at places.
 */
export class Stages implements Holder {
  readonly boundaries: Boundaries = new Boundaries();
  readonly weights: Weights;
  /** Where commits that are held have come to. */
  readonly held: HeldPlaces = new HeldPlaces(this);
  committed: Spine;
  committing: Spine;
  pending: Spine;
  /** The place of the next row that is sealed. */
  place = 0;
  /** The place below which commits have acknowledged everything, and that below which the one in flight has taken. */
  committedPlace = 0;
  private takenPlace = 0;

  private readonly surroundings: StagesSurroundings;
  /** Places of the commits that wait or are in flight, ascending, and how many hold each. */
  private readonly cuts = new Map<number, number>();
  /** The highest of them, or a higher one that was. */
  private lastCut = -1;

  constructor(surroundings: StagesSurroundings, totalWeight: number) {
    this.surroundings = surroundings;
    this.weights = new Weights(surroundings.name, totalWeight);
    this.committed = this.newSpine(true);
    this.committing = this.newSpine(false);
    this.pending = this.newSpine(false);
  }

  /** Takes over what the head from which the store was opened names, before anything else. */
  takeFound({ batches, held }: Pick<CommittedRows, "batches" | "held">): void {
    // First, for a merge may begin with the first of them.
    this.held.takeFound(held);
    for (const { batch, file } of batches) {
      this.committed.insert({ batch, file, lower: this.place, upper: this.place + 1 });
      this.place++;
    }
    this.committedPlace = this.place;
    this.takenPlace = this.place;
    this.recount();
  }

  /** Takes over what a newer head names, of a store that only reads: what both name stays as it is, with its cached rows. */
  takeNewer({ batches, held, totalWeight }: CommittedRows): void {
    const { committed } = this;
    const known = new Map(committed.entries.map((entry) => [entry.file?.head.id, entry] as const));
    this.committed = this.newSpine(true);
    this.weights.seal(totalWeight);
    const found = batches.map((one) => known.get(one.file.head.id) ?? one) as readonly StoredBatch[];
    this.takeFound({ batches: found, held });
    this.weights.taken = totalWeight;
    this.weights.committed = totalWeight;
    committed.clear();
  }

  /** Whether commits write rows, so that what is committed is another batch than what was taken. */
  private get areWritten(): boolean {
    return this.surroundings.sinks.commitsWrite;
  }

  /** How the batches lie in the backend that do. */
  get files(): readonly BatchFile[] {
    const { committed, committing, pending } = this;
    if (committing.files.length + pending.files.length === 0) return committed.files;
    return [...committed.files, ...committing.files, ...pending.files];
  }

  get spines(): readonly [Spine, Spine, Spine] {
    return [this.committed, this.committing, this.pending];
  }

  /** The batches with the places that they cover, oldest first. */
  get entries(): readonly SpineEntry[] {
    const { committed, committing, pending } = this;
    if (committing.length + pending.length === 0) return committed.entries;
    return [...committed.entries, ...committing.entries, ...pending.entries];
  }

  /** Tells of the batches, and of the merges of them that are in progress. */
  account(tally: Tally): void {
    for (const list of this.lists) for (const { batch } of list) tally.batch(batch);
    for (const { merges } of this.spines) for (const { merge } of merges) merge.account(tally);
  }

  /** Adds a sealed batch of the next `count` places; `undefined` when they came to nothing. */
  append(batch: Batch | undefined, count: number): void {
    const lower = this.place;
    this.place += count;
    if (batch === undefined) return;
    this.pending.insert({ batch, file: undefined, lower, upper: this.place });
    this.weights.bound += batch.sumBound;
    this.surroundings.onBytes(batch.columnBytes, batch.length);
  }

  /** The entries of the spines, oldest first, as lists that never change. */
  get lists(): readonly (readonly SpineEntry[])[] {
    return [this.committed.entries, this.committing.entries, this.pending.entries];
  }

  /** Merges about `fuel` rows of what is in memory. Returns the fuel that is left. */
  work(fuel: number): number {
    if (this.surroundings.sinks.isShort()) return fuel;
    return this.committed.work(this.committing.work(this.pending.work(fuel)));
  }

  /** Keeps merges from reaching across a place, at which the total weight is `total`. */
  hold(place: number, total: number): void {
    this.boundaries.hold(place);
    this.weights.hold(place, total);
    this.surroundings.told?.hold(place);
  }

  release(place: number): void {
    if (!this.boundaries.release(place)) return;
    this.weights.release(place);
    this.surroundings.told?.release(place);
    for (const spine of this.spines) spine.join(place);
  }

  /** Likewise for a commit: rows below the place are not discarded while it waits. */
  holdCut(place: number, total: number): void {
    this.hold(place, total);
    this.cuts.set(place, (this.cuts.get(place) ?? 0) + 1);
    this.lastCut = Math.max(this.lastCut, place);
  }

  releaseCut(place: number): void {
    const holders = this.cuts.get(place)! - 1;
    if (holders > 0) this.cuts.set(place, holders);
    else this.cuts.delete(place);
    this.release(place);
  }

  /** Takes what was sealed below `place`, which must be held, into a commit. Gives the rows taken. */
  beginCommit(place: number): number {
    check(place <= this.place, "a commit takes what is sealed, and no more (5)");
    this.pending.split(place, this.committing);
    this.weights.take(place);
    this.surroundings.told?.take(place);
    this.takenPlace = place;
    if (this.areWritten) this.committing.freeze();
    return this.committing.rows;
  }

  /** Puts what a commit has taken where its outcome says: `written` stands for it then, where it is stored. */
  endCommit(isCommitted: boolean, written: readonly StoredRun[]): void {
    this.weights.settle(isCommitted);
    this.surroundings.told?.settle(isCommitted);
    if (isCommitted) this.committedPlace = this.takenPlace;
    if (isCommitted && this.areWritten) {
      for (const { lower, upper, stored } of written)
        if (stored !== undefined) this.committed.insert({ ...stored, lower, upper });
      this.committed.takeCounts(this.committing);
      this.committing.clear();
      this.committing = this.newSpine(false);
    } else if (isCommitted) {
      this.committed.adopt(this.committing);
    } else {
      this.committing.unfreeze();
      this.committing.adopt(this.pending);
      const { pending } = this;
      this.pending = this.committing;
      this.committing = pending;
    }
  }

  /** Lets go of all rows. */
  clear(): void {
    for (const spine of this.spines) spine.clear();
  }

  /** Drops what no commit has taken, nor waits to take. Gives the rows dropped. */
  discard(): number {
    const kept = this.newSpine(false);
    const cut = this.highestCut();
    this.surroundings.told?.discard(cut);
    if (cut !== undefined) this.pending.split(cut, kept);
    const { rows } = this.pending;
    kept.takeCounts(this.pending);
    this.pending.clear();
    this.pending = kept;
    if (rows === 0) return 0;
    this.weights.seal(cut === undefined ? this.weights.taken : this.weights.at(cut));
    this.recount();
    return rows;
  }

  /** The highest place of a commit that waits or is in flight. */
  private highestCut(): number | undefined {
    if (this.cuts.size === 0) return undefined;
    if (!this.cuts.has(this.lastCut)) {
      this.lastCut = -1;
      for (const place of this.cuts.keys()) this.lastCut = Math.max(this.lastCut, place);
    }
    return this.lastCut;
  }

  /** Counts the bound of weights anew: merges have made it less. */
  recount(): void {
    this.weights.bound = this.entries.reduce((sum, { batch }) => sum + batch.sumBound, 0);
  }

  private newSpine(isCommitted: boolean): Spine {
    const { name, layout, strategy, keeper, sinks, operations, onMerge, onMergeFailure } = this.surroundings;
    const newSink = (bytes: number): BatchSink =>
      (isCommitted && sinks.commitsWrite) || sinks.isWritten(bytes)
        ? sinks.newStored(name, layout)
        : new MemorySink(layout, sinks.partBytes());
    const { boundaries } = this;
    const owner = { name, layout };
    const lens = (): MergeLens | undefined => (isCommitted ? this.surroundings.lens() : undefined);
    const onFailure = onMergeFailure;
    const onLoss = (place: number, weight: number): void => {
      this.weights.lose(place, weight);
    };
    const told = { operations, onMerge, onLoss, onFailure };
    return new Spine({ owner, strategy, boundaries, keeper, newSink, lens, ...told });
  }
}
