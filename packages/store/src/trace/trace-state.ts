import {
  countColumnarRows,
  isZspineError,
  Probe,
  lookupCounts,
  Staging,
  WEIGHT_MAX,
  weightOverflow,
  ZspineError,
  type Batch,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
  type StagingMark,
} from "@zspine/core";
import type { HeadTrace } from "../head/head.ts";
import type { MergeStrategy } from "../spine/merge-strategy.ts";
import { Spine, type MergeReport, type SpineEntry } from "../spine/spine.ts";
import type { ValueKeeper } from "../stored/batch-file.ts";
import type { BlockReader } from "../stored/block-reader.ts";
import { isStored, type StoredBatch } from "../stored/stored-batch.ts";
import { Reading } from "../view/reading.ts";
import { View, type ReadContext } from "../view/view.ts";
import type { CommitSource, CommitWatcher, StoredRun } from "./commit-source.ts";

/** What a trace's state is told of its store. */
export interface TraceSurroundings extends CommitWatcher {
  readonly strategy: MergeStrategy;
  readonly stagingRows: number;
  readonly seed: ReadContext<unknown, unknown>["seed"];
  readonly keeper: ValueKeeper;
  readonly blocks: BlockReader;
  /** Whether commits write rows to the backend, so that committed batches are stored. */
  readonly isDurable: boolean;
  /** Told of every finished merge. */
  onMerge(report: MergeReport): void;
  /** Told that there is work for the background. */
  onWork(): void;
}

/** What a trace held at the head from which its store was opened. */
export interface CommittedRows<K, V> {
  /** Oldest first. */
  readonly batches: readonly StoredBatch<K, V>[];
  readonly totalWeight: number;
}

/** Bytes at which staged rows are sealed, whatever their number. */
const STAGING_BYTES = 16 * 1024 * 1024;
/** Rows of merging that an inserted row pays for; enough for every level it will pass. */
const FUEL_PER_ROW = 4;
/** Rows of merging that one insert pays for at the most, about 10 ms; the background and `commit` do the rest. */
const FUEL_MAX = 262144;

/**
 * The updates of one trace, on their way from staging to the committed spine:
 *
 * | place | holds |
 * |---|---|
 * | staging | rows as they came, unsorted |
 * | pending | sealed batches that no commit has taken |
 * | committing | what a commit in flight has taken |
 * | committed | what commits have acknowledged |
 *
 * Every seal gets the next number; a batch covers the numbers that it was merged from. Reads add up all
 * four places. Invariant: no sum of equal rows, over all four, leaves the range of weights.
 */
export class TraceState<K, V> implements CommitSource {
  readonly name: string;
  readonly layout: Layout<K, V>;
  readonly context: ReadContext<K, V>;
  /** Counts what has been dropped by `discard`, for snapshots to notice. */
  discards = 0;
  isDropped = false;
  /** Rows of weight other than 0 that were inserted. */
  insertedRows = 0;
  /** Boundaries and how many hold each. */
  readonly boundaries: Map<number, number> = new Map();
  committed: Spine<K, V>;
  pending: Spine<K, V>;
  committing: Spine<K, V>;

  private readonly surroundings: TraceSurroundings;
  private readonly staging: Staging<K, V>;
  /** Whether rows are being taken from an iterable, which is code of the caller's. */
  private isFilling = false;
  private sealed = 0;
  /** No fewer than the largest sum of magnitudes that a row of the sealed batches can have. */
  private bound = 0;
  /** The total weight of what was sealed; exact, unlike a sum over batches, whose parts may be out of range. */
  private sealedWeight = 0;
  /** The total weight at each boundary that a commit holds, at the last that one has taken, and before it. */
  private readonly weightsAt = new Map<number, number>();
  /** Boundaries of the commits that wait or are in flight, ascending, and how many hold each. */
  private readonly cuts = new Map<number, number>();
  private takenWeight = 0;
  private weightBefore = 0;
  private cached:
    { readonly lists: readonly (readonly SpineEntry<K, V>[])[]; readonly view: Reading<K, V> } | undefined;

  constructor(
    name: string,
    layout: Layout<K, V>,
    surroundings: TraceSurroundings,
    committed?: CommittedRows<K, V>,
  ) {
    this.name = name;
    this.layout = layout;
    this.surroundings = surroundings;
    this.context = { layout, seed: surroundings.seed, counts: lookupCounts(), probe: new Probe(layout) };
    this.staging = new Staging(layout);
    this.committed = this.newSpine();
    this.pending = this.newSpine();
    this.committing = this.newSpine();
    if (committed === undefined) return;
    for (const batch of committed.batches) {
      this.committed.insert({ batch, lower: this.sealed, upper: this.sealed + 1 });
      this.sealed++;
    }
    this.sealedWeight = committed.totalWeight;
    this.takenWeight = committed.totalWeight;
    this.recount();
  }

  /** Reads the blocks of its stored batches. */
  get blocks(): BlockReader {
    return this.surroundings.blocks;
  }

  get keeper(): ValueKeeper {
    return this.surroundings.keeper;
  }

  /** How many rows are staged. */
  get stagedRows(): number {
    return this.staging.length;
  }

  get stagedBytes(): number {
    return this.staging.bytes;
  }

  /** No fewer than the distinct rows; free. */
  get size(): number {
    return this.spines.reduce(
      (rows, { entries }) => entries.reduce((sum, { batch }) => sum + batch.length, rows),
      this.stagedRows,
    );
  }

  get totalWeight(): number {
    return this.sealedWeight + this.staging.totalWeight;
  }

  get spines(): readonly [Spine<K, V>, Spine<K, V>, Spine<K, V>] {
    return [this.committed, this.committing, this.pending];
  }

  get batchCount(): number {
    return this.spines.reduce((count, spine) => count + spine.entries.length, 0);
  }

  get hasUncommitted(): boolean {
    return this.stagedRows > 0 || this.pending.entries.length > 0 || this.committing.entries.length > 0;
  }

  get mergesInProgress(): number {
    return this.spines.reduce((count, spine) => count + spine.mergesInProgress, 0);
  }

  /** What a head says of the trace while a commit is in flight, which has written `added`. */
  describe(added: readonly StoredBatch[]): HeadTrace {
    const { kinds, keyColumns, fingerprint } = this.layout;
    const batches = [...this.committedFiles(), ...added.map(({ file }) => file)];
    return {
      name: this.name,
      fingerprint,
      kinds: kinds.map((kind) => kind[0]!).join(""),
      keyColumns,
      totalWeight: this.takenWeight,
      batches: batches.map(({ head }) => head),
    };
  }

  /** The stored batches that commits have acknowledged, as they lie in the backend. */
  committedFiles(): readonly StoredBatch["file"][] {
    return this.committed.entries.flatMap(({ batch }) => (isStored(batch) ? [batch.file] : []));
  }

  insert(key: K, value: V, weight: number): void {
    const { staging } = this;
    this.checkNotFilling();
    const mark = staging.mark();
    staging.push(key, value, weight);
    this.accept(mark);
    if ((staging.length & 7) === 0 && staging.bytes >= STAGING_BYTES) this.seal();
  }

  /** Inserts all rows or, when one is refused, none. */
  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    const { staging } = this;
    this.checkNotFilling();
    this.surroundings.onRows();
    const mark = staging.mark();
    this.isFilling = true;
    try {
      for (const { key, value, weight } of rows) staging.push(key, value, weight === undefined ? 1 : weight);
    } catch (error) {
      staging.reset(mark);
      throw error;
    } finally {
      this.isFilling = false;
    }
    this.accept(mark);
  }

  /** Inserts all rows or, when one is refused, none. */
  insertColumns(columns: ColumnarRows<K, V>): void {
    this.checkNotFilling();
    const count = countColumnarRows(this.layout, columns);
    const mark = this.staging.mark();
    this.staging.pushColumns(columns, 0, count);
    this.accept(mark, countZeros(columns.weight));
  }

  /** Inserts a Z-set by reference. */
  insertZSet(zset: IndexedZSet<K, V>): void {
    const { batch } = zset;
    if (batch.length === 0) return;
    this.seal();
    const total = this.checkTotal(this.sealedWeight + zset.totalWeight);
    if (this.bound + batch.weightBound > WEIGHT_MAX) this.checkSums(batch);
    this.insertedRows += batch.length;
    this.append(batch, total);
  }

  /** Sorts what is staged into a batch, and lets it pay for merging. */
  seal(): void {
    this.checkNotFilling();
    if (this.staging.length === 0) return;
    const total = this.totalWeight;
    const batch = this.staging.seal();
    if (batch !== undefined) this.append(batch, total);
  }

  /** What can be read now. */
  view(): Reading<K, V> {
    this.seal();
    const lists = this.spines.map((spine) => spine.entries);
    if (this.cached !== undefined && this.cached.lists.every((list, at) => list === lists[at]))
      return this.cached.view;
    const view = new Reading(
      this.context,
      lists.flatMap((list) => list.map((entry) => entry.batch)),
      this.totalWeight,
    );
    this.cached = { lists, view };
    return view;
  }

  /** The batches of now with the updates that they cover. */
  entries(): readonly SpineEntry<K, V>[] {
    this.seal();
    return this.spines.flatMap((spine) => spine.entries);
  }

  /** Keeps merges from reaching across now. Gives the boundary, to be released. */
  hold(): number {
    this.seal();
    this.boundaries.set(this.sealed, (this.boundaries.get(this.sealed) ?? 0) + 1);
    this.weightsAt.set(this.sealed, this.sealedWeight);
    return this.sealed;
  }

  release(boundary: number): void {
    const holders = this.boundaries.get(boundary)! - 1;
    if (holders > 0) {
      this.boundaries.set(boundary, holders);
      return;
    }
    this.boundaries.delete(boundary);
    this.weightsAt.delete(boundary);
    for (const spine of this.spines) spine.begin();
    this.surroundings.onWork();
  }

  /** Holds a boundary for a commit: rows below it are not discarded while the commit waits. */
  holdCut(): number {
    const boundary = this.hold();
    this.cuts.set(boundary, (this.cuts.get(boundary) ?? 0) + 1);
    return boundary;
  }

  releaseCut(boundary: number): void {
    const holders = this.cuts.get(boundary)! - 1;
    if (holders > 0) this.cuts.set(boundary, holders);
    else this.cuts.delete(boundary);
    this.release(boundary);
  }

  /** Takes what was sealed below `boundary`, which must be held, into a commit. Gives the rows taken. */
  beginCommit(boundary: number): number {
    this.pending.split(boundary, this.committing);
    this.weightBefore = this.takenWeight;
    this.takenWeight = this.weightsAt.get(boundary)!;
    if (this.surroundings.isDurable) this.committing.freeze();
    return this.committing.entries.reduce((rows, { batch }) => rows + batch.length, 0);
  }

  /** Puts what a commit has taken where its outcome says: `written` stands for it then, where it is stored. */
  endCommit(isCommitted: boolean, written: readonly StoredRun[]): void {
    if (isCommitted && this.surroundings.isDurable) {
      for (const { lower, upper, batch } of written)
        if (batch !== undefined) this.committed.insert({ lower, upper, batch: batch as StoredBatch<K, V> });
      this.committed.takeCounts(this.committing);
      this.committing = this.newSpine();
    } else if (isCommitted) {
      this.committed.adopt(this.committing);
    } else {
      this.committing.unfreeze();
      this.takenWeight = this.weightBefore;
      this.committing.adopt(this.pending);
      const { pending } = this;
      this.pending = this.committing;
      this.committing = pending;
    }
    this.surroundings.onWork();
  }

  /** Lets go of all rows, when it has been dropped. */
  clear(): void {
    for (const spine of this.spines) spine.clear();
  }

  /** Drops what no commit has taken, nor waits to take. Gives the rows dropped. */
  discard(): number {
    this.seal();
    const kept = this.newSpine();
    // Commits wait in order, so the last holds the highest boundary.
    const cut = [...this.cuts.keys()].at(-1);
    if (cut !== undefined) this.pending.split(cut, kept);
    const rows = this.pending.entries.reduce((sum, { batch }) => sum + batch.length, 0);
    kept.takeCounts(this.pending);
    this.pending = kept;
    if (rows === 0) return 0;
    this.discards++;
    this.sealedWeight = cut === undefined ? this.takenWeight : this.weightsAt.get(cut)!;
    this.recount();
    return rows;
  }

  /** @throws `ZSPINE_INVALID_OPTIONS` while rows are taken: what is sealed meanwhile could not be undone. */
  private checkNotFilling(): void {
    if (!this.isFilling) return;
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `insertAll: its rows read or write trace ${JSON.stringify(this.name)} while they are taken; collect them first, ` +
        "insertAll([...rows]); nothing was applied",
    );
  }

  private newSpine(): Spine<K, V> {
    const { strategy, keeper, onMerge } = this.surroundings;
    return new Spine(this.layout, { strategy, keeper, boundaries: this.boundaries, onMerge });
  }

  /** Adds a batch, after which the total weight is `total`. */
  private append(batch: Batch<K, V>, total: number): void {
    this.surroundings.onRows();
    this.pending.insert({ batch, lower: this.sealed, upper: this.sealed + 1 });
    this.sealed++;
    this.bound += batch.weightBound;
    this.sealedWeight = total;
    const fuel = this.pending.work(Math.min(batch.length * FUEL_PER_ROW, FUEL_MAX));
    this.committed.work(fuel);
    this.surroundings.onWork();
  }

  /** Accepts what was staged since `mark`, or, when a sum would leave the range, throws and drops it. */
  private accept(mark: StagingMark, zeros = 0): void {
    const { staging } = this;
    const added = staging.length - mark.length;
    if (added === 0) return;
    if (mark.length === 0) this.surroundings.onRows();
    try {
      const total = this.checkTotal(this.totalWeight);
      if (this.bound + staging.mass > WEIGHT_MAX) this.acceptChecked(mark, total);
    } catch (error) {
      // Unless what was staged before has been sealed by now, and must not come back.
      if (staging.length > mark.length) staging.reset(mark);
      throw error;
    }
    this.insertedRows += added - zeros;
    if (staging.length >= this.surroundings.stagingRows) this.seal();
  }

  /** Accepts rows whose sums have to be looked at one by one, for some weights are near the end of the range. */
  private acceptChecked(mark: StagingMark, total: number): void {
    const delta = this.staging.seal(mark);
    this.seal();
    if (delta === undefined) return;
    this.checkSums(delta);
    this.append(delta, total);
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` for a total that is out of range, or was on the way to it. */
  private checkTotal(total: number): number {
    if (Math.abs(total) <= WEIGHT_MAX) return total;
    throw weightOverflow(`the total weight of trace ${JSON.stringify(this.name)}`);
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` when it cannot be read at once, for then the sum might leave the range. */
  private storedWeight(view: Reading<K, V>, key: K, value: V): number {
    try {
      return this.blocks.runSync(view.weight(key, value), { kind: "look-up" });
    } catch (cause) {
      if (!isZspineError(cause, "ZSPINE_NOT_RESIDENT")) throw cause;
      const message =
        "the sum of a row so near the end of the range of weights cannot be told without waiting for the medium";
      throw new ZspineError("ZSPINE_WEIGHT_RANGE", message, { cause });
    }
  }

  private recount(): void {
    this.bound = this.entries().reduce((sum, { batch }) => sum + batch.weightBound, 0);
  }

  /** @throws `ZSPINE_WEIGHT_RANGE` when a row of `delta` and what is there would leave the range. */
  private checkSums(delta: Batch<K, V>): void {
    this.recount();
    if (this.bound + delta.weightBound <= WEIGHT_MAX) return;
    const view = this.view();
    for (const { key, value, weight } of new View(this.context, [delta], delta.totalWeight).rows()) {
      const stored = this.storedWeight(view, key, value);
      if (Math.abs(stored + weight) > WEIGHT_MAX) throw weightOverflow("the weight of a row");
    }
  }
}

function countZeros(weights: ArrayLike<number> | undefined): number {
  let zeros = 0;
  for (let row = 0; row < (weights?.length ?? 0); row++) if (weights![row] === 0) zeros++;
  return zeros;
}
