import {
  negate,
  subtract,
  ZspineError,
  type Chunk,
  type IndexedZSet,
  type Row,
  type WeightedValue,
  type ZSet,
} from "@zspine/core";
import { readRange, type KeyRange } from "../range/key-range.ts";
import type { SpineEntry } from "../spine/spine.ts";
import { addBatches, type RowCount, type View } from "../view/view.ts";

/** The trace that a snapshot is of, as far as the snapshot needs it. */
export interface SnapshotSource {
  /** @throws `ZSPINE_CLOSED` when the store or the trace is gone. */
  guard(): void;
  /** Lets go of the boundary at which the snapshot was taken. */
  release(boundary: number): void;
}

/**
 * A trace as it was when the snapshot was taken, read synchronously: what is written later does not show.
 * Free to take. While it is open, batches from before it are not merged with batches from after it, so
 * that what came between two snapshots can be told at its own cost; close it, or declare it with `using`.
 *
 * After its own end or the store's, every method throws `ZSPINE_CLOSED`.
 */
export class Snapshot<K, V> implements Disposable {
  private readonly source: SnapshotSource;
  private readonly view: View<K, V>;
  private readonly entries: readonly SpineEntry<K, V>[];
  private readonly boundary: number;
  private readonly discards: number;
  private isClosed = false;

  /** Use `trace.snapshot()`. */
  constructor(
    source: SnapshotSource,
    view: View<K, V>,
    entries: readonly SpineEntry<K, V>[],
    boundary: number,
    discards: number,
  ) {
    this.source = source;
    this.view = view;
    this.entries = entries;
    this.boundary = boundary;
    this.discards = discards;
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
    return this.open().get(key);
  }

  /** Finds the values of many keys, in the order of `keys`: cheaper than one by one. */
  getMany(keys: readonly K[]): (readonly WeightedValue<V>[])[] {
    return this.open().getMany(keys);
  }

  /**
   * Reads the rows of many keys as a Z-set, which is what a delta is joined with: keeps the rows whose key
   * is in `keys`, their weights multiplied by the key's, which in a set is 1. No value is decoded. Cost
   * O(keys · log rows) a batch, and what is kept.
   *
   * @throws `ZSPINE_SCHEMA` when the keys are of another schema.
   */
  semijoin(keys: ZSet<K>): IndexedZSet<K, V> {
    return this.open().semijoin(keys);
  }

  /** Tells whether a key has any value. */
  has(key: K): boolean {
    return this.open().has(key);
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    return this.open().weight(key, value);
  }

  /** Reads the rows of a range in order of key and value. May be enumerated again. */
  rows(range: KeyRange<K> = {}): Iterable<Row<K, V>> {
    const read = readRange(this.view.layout, range);
    return { [Symbol.iterator]: () => this.guarded(this.open().rows(read)) };
  }

  /** Reads the rows of a range in columns: the fast way. May be enumerated again. */
  chunks(range: KeyRange<K> = {}): Iterable<Chunk<K, V>> {
    const read = readRange(this.view.layout, range);
    return { [Symbol.iterator]: () => this.guarded(this.open().chunks(read)) };
  }

  /** Counts the distinct rows of a range exactly; free in one batch, else it reads the range. */
  count(range: KeyRange<K> = {}): RowCount {
    return this.open().count(readRange(this.view.layout, range));
  }

  /**
   * Brings what the keys need into memory, so that the synchronous reads that follow find it. All that a
   * store in memory holds is there already.
   */
  async load(keys: Iterable<K>): Promise<void> {
    this.open().getMany([...keys]);
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
    earlier.open();
    if (earlier.source !== this.source) {
      throw new ZspineError(
        "ZSPINE_INVALID_OPTIONS",
        "since: the snapshots are of different traces; take both of one",
      );
    }
    const add = (entries: readonly SpineEntry<K, V>[]): IndexedZSet<K, V> =>
      addBatches(
        layout,
        entries.map(({ batch }) => batch),
      );
    if (earlier.discards !== this.discards) return subtract(add(this.entries), add(earlier.entries));
    if (earlier.boundary > this.boundary) return negate(earlier.since(this));
    return add(this.entries.filter(({ lower }) => lower >= earlier.boundary));
  }

  /** Ends the snapshot; without effect when it has ended. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.source.release(this.boundary);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private open(): View<K, V> {
    if (this.isClosed)
      throw new ZspineError("ZSPINE_CLOSED", "the snapshot is closed; take another with trace.snapshot()");
    this.source.guard();
    return this.view;
  }

  private *guarded<T>(items: Iterable<T>): Generator<T, void, undefined> {
    for (const item of items) {
      this.open();
      yield item;
    }
  }
}
