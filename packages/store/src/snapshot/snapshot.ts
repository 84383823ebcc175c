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
import { Batch, probeKeys, sortRows, type KeyProbe } from "@zspine/core/engine";
import { listKeys, readRange, type KeyRange, type ReadRange } from "../range/key-range.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SlotUse } from "../tier/ledger.ts";
import type { Loader, SlotOwner } from "../tier/loader.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import { countRows, feedOf, keysInOrder } from "../view/read.ts";
import { CHUNK_ROWS, FIRST_ROWS } from "../view/chunk-reader.ts";
import { semijoinView } from "../view/restrict-view.ts";
import { addBatches, type ReadContext, type RowCount, type View, type ViewEntry } from "../view/view.ts";

/** The trace that a snapshot is of, as far as the snapshot needs it. */
export interface SnapshotSource<K = unknown, V = unknown> {
  readonly owner: SlotOwner;
  readonly context: ReadContext<K, V>;
  readonly loader: Loader;
  readonly keeper: ValueKeeper;
  /** How often rows have been discarded. */
  readonly discards: number;
  /** @throws `ZSPINE_CLOSED` when the store or the trace is gone. */
  guard(): void;
  /** Lets go of the place at which the snapshot was taken. */
  release(place: number): void;
  /** Sorts what is staged below a place that is held; gives what covers the places from `from` on and below it. */
  between(from: number, place: number): readonly ViewEntry[];
  /** What can be read below a place that is held, nothing having been discarded since. */
  viewAt(place: number, totalWeight: number): View<K, V>;
}

/** What a snapshot sees. */
export interface SnapshotRows<K, V> {
  readonly view: View<K, V>;
  readonly place: number;
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
  private readonly source: SnapshotSource<K, V>;
  private readonly place: number;
  private readonly discards: number;
  private view: View<K, V>;
  private files: readonly StoredFile[];
  /** What `load` has brought. */
  private readonly pins: ReadHand;
  private isClosed = false;

  /** Use `trace.snapshot()`. */
  constructor(source: SnapshotSource<K, V>, { view, place, discards }: SnapshotRows<K, V>) {
    this.source = source;
    this.place = place;
    this.discards = discards;
    this.view = view;
    this.files = view.files;
    this.pins = new ReadHand(source.loader.ledger, "look-up");
    for (const file of this.files) source.keeper.hold(file);
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
    const view = this.open();
    return this.look(view.aimAtKey(key), (probe, hand) => view.get(probe, hand));
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  getMany(keys: Iterable<K>): (readonly WeightedValue<V>[])[] {
    const some = listKeys(keys, "getMany");
    const view = this.open();
    const probe = probeKeys(this.source.context.layout, some);
    const order = sortRows(probe);
    const all = this.newHand("look-up");
    const atOnce = view.getMany(probe, order, all);
    if (!all.isMissing) return atOnce;
    const found: (readonly WeightedValue<V>[])[] = Array.from({ length: some.length });
    for (const { part, places } of keysInOrder(probe, order)) {
      const hand = this.newHand("look-up");
      const values = this.run(hand, () => view.getMany(part, undefined, hand));
      values.forEach((ofKey, at) => {
        found[places[at]!] = ofKey;
      });
    }
    return found;
  }

  /**
   * Reads the rows of many keys as a Z-set, which is what a delta is joined with: keeps the rows whose key
   * is in `keys`, their weights multiplied by the key's, which in a set is 1. No value is decoded. Cost
   * O(keys · log rows) a batch, and what is kept.
   *
   * @throws `ZSPINE_SCHEMA` when the keys are of another schema.
   */
  semijoin(keys: ZSet<K>): IndexedZSet<K, V> {
    const view = this.open();
    if (keys?.batch?.layout === undefined) throw refused(["semijoin"], "a ZSet of keys", keys, SEMIJOIN);
    const { context, loader } = this.source;
    return semijoinView(view, context, keys, loader, this.pins);
  }

  /** Tells whether a key has any value. */
  has(key: K): boolean {
    const view = this.open();
    return this.look(view.aimAtKey(key), (probe, hand) => view.has(probe, hand));
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    const view = this.open();
    return this.look(view.aimAtRow(key, value), (probe, hand) => view.weight(probe, hand));
  }

  /** Reads the rows of a range in order of key and value. May be enumerated again. */
  rows(range: KeyRange<K> = {}): Iterable<Row<K, V>> {
    const read = readRange(this.source.context.layout, range);
    return { [Symbol.iterator]: () => this.readRows(read) };
  }

  /** Reads the rows of a range in columns: the fast way. May be enumerated again. */
  chunks(range: KeyRange<K> = {}): Iterable<Chunk<K, V>> {
    const read = readRange(this.source.context.layout, range);
    return { [Symbol.iterator]: () => this.readChunks(read, CHUNK_ROWS) };
  }

  /** Counts the distinct rows of a range exactly; free in one batch, else it reads the range. */
  count(range: KeyRange<K> = {}): RowCount {
    const { layout } = this.source.context;
    this.open();
    const read = readRange(layout, range);
    const view = this.inOrder();
    const hand = this.newHand("look-up");
    const told = this.run(hand, () => view.countIn(read, hand));
    if (told !== undefined) return told;
    const { owner, loader } = this.source;
    const { merger } = view.chunks(read);
    const feed = feedOf(owner, read, CHUNK_ROWS);
    for (const counted of countRows(merger, read)) {
      if (counted !== undefined) return counted;
      loader.feedSync(merger, feed, this.pins);
    }
    throw new Error("a count has no end");
  }

  /**
   * Brings what the keys need into memory, so that the synchronous reads that follow find it; it stays there
   * until the snapshot is closed. All that a store in memory holds is there already.
   */
  async load(keys: Iterable<K>): Promise<void> {
    const view = this.open();
    const probe = probeKeys(this.source.context.layout, listKeys(keys, "load"));
    const { owner, loader, keeper } = this.source;
    const { files } = view;
    // The snapshot may be closed meanwhile.
    for (const file of files) keeper.hold(file);
    try {
      for (const { part } of keysInOrder(probe, sortRows(probe))) {
        const hand = new ReadHand(loader.ledger, "once", this.pins);
        hand.keeps = this.pins;
        await loader.look(owner, hand, () => view.getMany(part, undefined, hand));
      }
    } finally {
      for (const file of files) keeper.release(file);
    }
  }

  /**
   * Tells what changed from `earlier` to this: a delta that, added to `earlier`, gives this. Costs what
   * changed, whatever the size of either, as long as both are open and nothing was discarded in between;
   * the sizes of both, otherwise.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when `earlier` is of another trace.
   */
  since(earlier: Snapshot<K, V>): IndexedZSet<K, V> {
    this.open();
    if (!(earlier instanceof Snapshot))
      throw refused(["since"], "a snapshot of the same trace", earlier, SINCE);
    earlier.open();
    const { source, place, discards } = this;
    if (earlier.source !== source) {
      throw new ZspineError(
        "ZSPINE_INVALID_OPTIONS",
        "since: the snapshots are of different traces; take both of one",
      );
    }
    if (source.discards !== discards || earlier.discards !== discards)
      return subtract(this.add(this.view.inOrder()), this.add(earlier.view.inOrder()));
    if (earlier.place > place) return negate(earlier.since(this));
    return this.add(source.between(earlier.place, place).map(({ batch }) => batch as Batch<K, V>));
  }

  /** Ends the snapshot; without effect when it has ended. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pins.clear();
    for (const file of this.files) this.source.keeper.release(file);
    this.source.release(this.place);
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

  /** What it sees, sorted once for all readers of the trace; for itself alone after a discard. */
  private inOrder(): View<K, V> {
    const view = this.open();
    const { source, place, discards } = this;
    if (view.staged === undefined || source.discards !== discards) return view;
    this.view = source.viewAt(place, view.totalWeight);
    const { files } = this.view;
    for (const file of files) source.keeper.hold(file);
    for (const file of this.files) source.keeper.release(file);
    this.files = files;
    return this.view;
  }

  private newHand(use: SlotUse): ReadHand {
    return new ReadHand(this.source.loader.ledger, use, this.pins);
  }

  private look<T>(probe: KeyProbe, read: (probe: KeyProbe, hand: ReadHand) => T): T {
    const hand = this.newHand("look-up");
    return this.run(hand, () => read(probe, hand));
  }

  private run<T>(hand: ReadHand, read: () => T): T {
    return this.source.loader.lookSync(this.source.owner, hand, read);
  }

  /** Adds up batches, wherever their slots are. */
  private add(batches: readonly Batch<K, V>[]): IndexedZSet<K, V> {
    const { context } = this.source;
    const hand = this.newHand("bulk");
    const loaded = batches.map((batch) => {
      const parts = this.run(hand, () => batch.slots.map((slot) => hand.partOf(slot)!));
      return Batch.of(context.layout, parts);
    });
    return addBatches(context.layout, loaded);
  }

  private *readRows(range: ReadRange): Generator<Row<K, V>, void, undefined> {
    for (const chunk of this.readChunks(range, FIRST_ROWS)) {
      for (const row of chunk.rows()) {
        this.open();
        yield row;
      }
    }
  }

  private *readChunks(range: ReadRange, firstRows: number): Generator<Chunk<K, V>, void, undefined> {
    const { owner, loader } = this.source;
    const reader = this.inOrder().chunks(range, firstRows);
    const feed = feedOf(owner, range, firstRows);
    for (;;) {
      const chunk = reader.next();
      if (chunk !== undefined) {
        yield chunk;
        this.open();
      } else if (reader.isDone) return;
      else loader.feedSync(reader.merger, feed, this.pins);
    }
  }
}

const SEMIJOIN = "make one with ZSet.from(schema, rows), or keysOf(delta)";
const SINCE = "take one with trace.snapshot() before";
