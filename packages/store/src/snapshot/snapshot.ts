import {
  negate,
  refused,
  subtract,
  throwIfAborted,
  ZspineError,
  type Chunk,
  type IndexedZSet,
} from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { checkRead, listKeys, NO_OPTIONS, type KeyRange, type ReadOptions } from "../range/key-range.ts";
import type { SlotUse } from "../tier/ledger.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { Stay } from "../tier/stay.ts";
import { loadMany } from "../view/many-keys.ts";
import { addBatches, type View, type ViewEntry } from "../view/view.ts";
import { gather } from "./gather.ts";
import { Reader, type ReaderSource } from "./reader.ts";
import { SnapshotByPromises } from "./snapshot-by-promises.ts";

/** The trace that a snapshot is of, as far as the snapshot needs it. */
export interface SnapshotSource<K = unknown, V = unknown> extends ReaderSource<K, V> {
  /** How often rows have been discarded. */
  readonly discards: number;
  /** Lets go of the place at which the snapshot was taken. */
  release(place: number): void;
  /** Sorts what is staged below a place that is held; gives what covers the places from `from` on and below it. */
  between(from: number, place: number): readonly ViewEntry[];
  /** The same as one sum. */
  viewBetween(from: number, place: number): View<K, V>;
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
export class Snapshot<K, V> extends Reader<K, V, SnapshotSource<K, V>> implements Disposable {
  private readonly place: number;
  private readonly discards: number;
  /** Missing once it is closed, so that whoever keeps the snapshot does not keep what it saw. */
  private view: View<K, V> | undefined;
  private stay: Stay;

  /** Use `trace.snapshot()`. */
  constructor(source: SnapshotSource<K, V>, { view, place, discards }: SnapshotRows<K, V>) {
    super(source);
    this.place = place;
    this.discards = discards;
    this.view = view;
    this.stay = source.keeper.enter(view.files, view, this.pins);
  }

  /**
   * Brings what the keys need into memory, so that the synchronous reads that follow find it; it stays there
   * until the snapshot is closed. All that a store in memory holds is there already.
   */
  async load(keys: Iterable<K>): Promise<void> {
    const view = this.open();
    const some = listKeys(keys, "load");
    const { source } = this;
    const { loader, keeper } = source;
    const newHand = (use: SlotUse): ReadHand => {
      const hand = new ReadHand(loader.ledger, use, this.pins);
      hand.keeps = this.pins;
      return hand;
    };
    // The snapshot may be closed meanwhile.
    const stay = keeper.enter(view.files, view);
    try {
      for (const { hand, read } of loadMany(view, source.context, some, { ledger: loader.ledger, newHand })) {
        // In the place of the one before it, which is done with; the view is first.
        stay.held[1] = hand;
        await loader.look(source, hand, read);
      }
    } finally {
      keeper.leave(stay);
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
    const { before, isApart } = this.compare(earlier);
    const { source, place } = this;
    if (isApart) return subtract(this.add(this.open().inOrder()), this.add(before.inOrder()));
    if (earlier.place > place) return negate(earlier.since(this));
    return this.add(source.between(earlier.place, place).map(({ batch }) => batch as Batch<K, V>));
  }

  /**
   * {@link Snapshot.since} by promises, which waits for what a backend holds: the same delta at the same cost.
   *
   * @throws (rejects with) as that; `ZSPINE_ABORTED`.
   */
  async loadSince(earlier: Snapshot<K, V>, given: ReadOptions = NO_OPTIONS): Promise<IndexedZSet<K, V>> {
    const { signal } = checkRead(given, "loadSince");
    throwIfAborted(signal, "the read");
    const { isApart } = this.compare(earlier);
    const { source, place } = this;
    if (!isApart && earlier.place > place) return negate(await earlier.loadSince(this, { signal }));
    if (!isApart) return gather(source, source.viewBetween(earlier.place, place), signal);
    const now = await gather(source, this.open(), signal);
    return subtract(now, await gather(source, earlier.open(), signal));
  }

  /**
   * Reads the rows of a range in columns, by promises, which waits for what a backend holds: as {@link Reader.chunks}. May be
   * enumerated again; ends with `ZSPINE_CLOSED` when the snapshot is closed.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`.
   */
  loadChunks(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): AsyncIterable<Chunk<K, V>> {
    const snapshot = { open: () => this.open(), inOrder: () => this.inOrder() };
    return new SnapshotByPromises(this.source, snapshot).chunks(range, checkRead(given, "loadChunks"));
  }

  /** Reads all rows as a Z-set, by promises. Takes memory for all of them. @throws (rejects with) `ZSPINE_ABORTED`. */
  async zset(given: ReadOptions = NO_OPTIONS): Promise<IndexedZSet<K, V>> {
    const { signal } = checkRead(given, "zset");
    throwIfAborted(signal, "the read");
    return gather(this.source, this.open(), signal);
  }

  /** What an earlier snapshot of the same trace sees, and whether it is told apart by places no more. */
  private compare(earlier: Snapshot<K, V>): { readonly before: View<K, V>; readonly isApart: boolean } {
    this.open();
    if (!(earlier instanceof Snapshot))
      throw refused(["since"], "a snapshot of the same trace", earlier, SINCE);
    const before = earlier.open();
    const { source, discards } = this;
    if (earlier.source !== source) {
      throw new ZspineError(
        "ZSPINE_INVALID_OPTIONS",
        "since: the snapshots are of different traces; take both of one",
      );
    }
    return { before, isApart: source.discards !== discards || earlier.discards !== discards };
  }

  /** Ends the snapshot; without effect when it has ended. */
  close(): void {
    if (this.view === undefined) return;
    this.view = undefined;
    this.pins.clear();
    this.source.keeper.leave(this.stay);
    this.source.release(this.place);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected open(): View<K, V> {
    if (this.view === undefined)
      throw new ZspineError("ZSPINE_CLOSED", "the snapshot is closed; take another with trace.snapshot()");
    this.source.guard();
    return this.view;
  }

  /** What it sees, sorted once for all readers of the trace; for itself alone after a discard. */
  protected inOrder(): View<K, V> {
    const view = this.open();
    const { source, place, discards } = this;
    if (view.staged === undefined || source.discards !== discards) return view;
    const sorted = source.viewAt(place, view.totalWeight);
    const stay = source.keeper.enter(sorted.files, sorted, this.pins);
    source.keeper.leave(this.stay);
    this.view = sorted;
    this.stay = stay;
    return sorted;
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
}

const SINCE = "take one with trace.snapshot() before";
