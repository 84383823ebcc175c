import {
  negate,
  refused,
  subtract,
  ZspineError,
  type Chunk,
  type IndexedZSet,
  type Row,
  type WeightedValue,
  type ZSet,
} from "@zspine/core";
import { listKeys, readRange, type KeyRange, type ReadRange } from "../range/key-range.ts";
import type { SpineEntry } from "../spine/spine.ts";
import type { ValueKeeper } from "../stored/batch-file.ts";
import type { CacheUse } from "../stored/block-cache.ts";
import type { BlockReader, PinnedBlocks, Steps } from "../stored/block-reader.ts";
import { Reading, useOf } from "../view/reading.ts";
import { addBatches, FIRST_ROWS, type ReadContext, type RowCount, type View } from "../view/view.ts";

/** The trace that a snapshot is of, as far as the snapshot needs it. */
export interface SnapshotSource {
  /** @throws `ZSPINE_CLOSED` when the store or the trace is gone. */
  guard(): void;
  /** Lets go of the boundary at which the snapshot was taken. */
  release(boundary: number): void;
  readonly blocks: BlockReader;
  readonly keeper: ValueKeeper;
  /** Whether rows are only read. */
  readonly isReadOnly: boolean;
}

/** What a snapshot sees. */
export interface SnapshotRows<K, V> {
  readonly context: ReadContext<K, V>;
  readonly reading: Reading<K, V>;
  readonly entries: readonly SpineEntry<K, V>[];
  readonly boundary: number;
  /** How often rows had been discarded. */
  readonly discards: number;
}

/**
 * A trace as it was when the snapshot was taken, read synchronously: what is written later does not show.
 * Free to take. While it is open, batches from before it are not merged with batches from after it, so
 * that what came between two snapshots can be told at its own cost; close it, or declare it with `using`.
 *
 * Rows that a backend holds are read as they are asked for, if it can be read synchronously; else
 * {@link Snapshot.load} brings them, and what it has not brought is `ZSPINE_NOT_RESIDENT`.
 *
 * After its own end or the store's, every method throws `ZSPINE_CLOSED`.
 */
export class Snapshot<K, V> implements Disposable {
  private readonly source: SnapshotSource;
  private readonly rowsSeen: SnapshotRows<K, V>;
  /** The blocks that `load` has brought. */
  private readonly pinned: PinnedBlocks = new Map();
  private isClosed = false;

  /** Use `trace.snapshot()`. */
  constructor(source: SnapshotSource, rows: SnapshotRows<K, V>) {
    this.source = source;
    this.rowsSeen = rows;
    rows.reading.hold(source.keeper);
  }

  /** No fewer than the distinct rows; free. */
  get size(): number {
    return this.open().size;
  }

  /** The sum of all weights; exact and free. */
  get totalWeight(): number {
    return this.open().totalWeight;
  }

  /** Finds all values of a key, in order; none when it is absent. Expected O(1) a batch. */
  get(key: K): readonly WeightedValue<V>[] {
    return this.look(
      (view) => view.get(key),
      (view) => view.get(key),
    );
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  getMany(keys: Iterable<K>): (readonly WeightedValue<V>[])[] {
    const some = listKeys(keys, "getMany");
    return this.look(
      (view) => view.getMany(some),
      (view) => view.getMany(some),
    );
  }

  /**
   * Reads the rows of many keys as a Z-set, which is what a delta is joined with: keeps the rows whose key
   * is in `keys`, their weights multiplied by the key's, which in a set is 1. No value is decoded. Cost
   * O(keys · log rows) a batch, and what is kept.
   *
   * @throws `ZSPINE_SCHEMA` when the keys are of another schema.
   */
  semijoin(keys: ZSet<K>): IndexedZSet<K, V> {
    if (keys?.batch?.layout === undefined) throw refused(["semijoin"], "a ZSet of keys", keys, SEMIJOIN);
    return this.look(
      (view) => view.semijoin(keys),
      (view) => view.semijoin(keys),
      keys.batch.length > BULK_KEYS ? "bulk" : "look-up",
    );
  }

  /** Tells whether a key has any value. */
  has(key: K): boolean {
    return this.look(
      (view) => view.has(key),
      (view) => view.has(key),
    );
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    return this.look(
      (view) => view.weight(key, value),
      (view) => view.weight(key, value),
    );
  }

  /** Reads the rows of a range in order of key and value. May be enumerated again. */
  rows(range: KeyRange<K> = {}): Iterable<Row<K, V>> {
    const read = readRange(this.rowsSeen.reading.layout, range);
    return { [Symbol.iterator]: () => this.guarded(this.readRows(read)) };
  }

  /** Reads the rows of a range in columns: the fast way. May be enumerated again. */
  chunks(range: KeyRange<K> = {}): Iterable<Chunk<K, V>> {
    const read = readRange(this.rowsSeen.reading.layout, range);
    return { [Symbol.iterator]: () => this.guarded(this.readChunks(read)) };
  }

  /** Counts the distinct rows of a range exactly; free in one batch, else it reads the range. */
  count(range: KeyRange<K> = {}): RowCount {
    const read = readRange(this.open().layout, range);
    return this.look(
      (view) => view.count(read),
      (view) => view.count(read),
    );
  }

  /**
   * Brings what the keys need into memory, so that the synchronous reads that follow find it; it stays there
   * until the snapshot is closed. All that a store in memory holds is there already.
   */
  async load(keys: Iterable<K>): Promise<void> {
    const reading = this.open();
    const some = listKeys(keys, "load");
    if (reading.isResident) reading.resident.getMany(some);
    else
      await this.source.blocks.run(reading.load(some), { kind: "once", pins: true }, undefined, this.pinned);
  }

  /**
   * Tells what changed from `earlier` to this: a delta that, added to `earlier`, gives this. Costs what
   * changed, whatever the size of either, as long as both are open and nothing was discarded in between;
   * the sizes of both, otherwise.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when `earlier` is of another trace.
   */
  since(earlier: Snapshot<K, V>): IndexedZSet<K, V> {
    const { layout } = this.open();
    if (!(earlier instanceof Snapshot))
      throw refused(["since"], "a snapshot of the same trace", earlier, SINCE);
    earlier.open();
    if (earlier.source !== this.source) {
      throw new ZspineError(
        "ZSPINE_INVALID_OPTIONS",
        "since: the snapshots are of different traces; take both of one",
      );
    }
    const { entries, boundary, discards, context } = this.rowsSeen;
    const { rowsSeen: before } = earlier;
    const add = (some: readonly SpineEntry<K, V>[]): IndexedZSet<K, V> => {
      const reading = new Reading(
        context,
        some.map(({ batch }) => batch),
        0,
      );
      return addBatches(layout, this.run(reading.loadAll(), "bulk"));
    };
    if (before.discards !== discards) return subtract(add(entries), add(before.entries));
    if (before.boundary > boundary) return negate(earlier.since(this));
    return add(entries.filter(({ lower }) => lower >= before.boundary));
  }

  /** Ends the snapshot; without effect when it has ended. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pinned.clear();
    this.rowsSeen.reading.release(this.source.keeper);
    this.source.release(this.rowsSeen.boundary);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private open(): Reading<K, V> {
    if (this.isClosed)
      throw new ZspineError("ZSPINE_CLOSED", "the snapshot is closed; take another with trace.snapshot()");
    this.source.guard();
    return this.rowsSeen.reading;
  }

  /** Looks something up, in memory only where all rows are there. */
  private look<T>(
    atOnce: (view: View<K, V>) => T,
    inSteps: (view: Reading<K, V>) => Steps<T>,
    kind: CacheUse = "look-up",
  ): T {
    const reading = this.open();
    return reading.isResident ? atOnce(reading.resident) : this.run(inSteps(reading), kind);
  }

  private run<T>(steps: Steps<T>, kind: CacheUse): T {
    return this.source.blocks.runSync(steps, { kind }, this.pinned);
  }

  private *readRows(range: ReadRange): Generator<Row<K, V>, void, undefined> {
    const reading = this.open();
    if (reading.isResident) yield* reading.resident.rows(range);
    else for (const chunk of this.readChunks(range, FIRST_ROWS)) yield* chunk.rows();
  }

  private *readChunks(range: ReadRange, firstRows?: number): Generator<Chunk<K, V>, void, undefined> {
    const reading = this.open();
    if (reading.isResident) {
      yield* reading.resident.chunks(range, firstRows);
      return;
    }
    const chunks = reading.chunks(range, firstRows);
    for (;;) {
      const chunk = this.run(chunks.next(), useOf(range));
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  private *guarded<T>(items: Iterable<T>): Generator<T, void, undefined> {
    for (const item of items) {
      this.open();
      yield item;
    }
  }
}

const SEMIJOIN = "make one with ZSet.from(schema, rows), or keysOf(delta)";
const SINCE = "take one with trace.snapshot() before";

/** Joins with more keys than this may need more blocks than the cache holds. */
const BULK_KEYS = 1024;
