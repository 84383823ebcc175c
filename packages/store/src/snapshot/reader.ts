import { ZSet, type Chunk, type IndexedZSet, type Row, type WeightedValue } from "@zspine/core";
import { checkZSet, type KeyProbe } from "@zspine/core/engine";
import { listKeys, readRange, type KeyRange, type ReadRange } from "../range/key-range.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { SlotUse } from "../tier/ledger.ts";
import type { SlotOwner } from "../tier/feed.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import { ReadHand } from "../tier/read-hand.ts";
import { readMany, semijoinMany, type ManyKeysSource, type Readings } from "../view/many-keys.ts";
import { copyProbe, countRows, feedOf } from "../view/read.ts";
import { CHUNK_ROWS, FIRST_ROWS } from "../view/chunk-reader.ts";
import type { ReadContext, RowCount, View } from "../view/view.ts";

/** The trace that is read, as far as a reader needs it. */
export interface ReaderSource<K = unknown, V = unknown> extends SlotOwner {
  readonly context: ReadContext<K, V>;
  readonly loader: SlotSource;
  readonly keeper: ValueKeeper;
  /** @throws `ZSPINE_CLOSED` when the store or the trace is gone. */
  guard(): void;
}

/**
 * Reads a trace synchronously. Rows that a backend holds are read as they are asked for, if it can be read
 * synchronously; what cannot be read at once is `ZSPINE_NOT_RESIDENT`.
 */
export abstract class Reader<K, V, Source extends ReaderSource<K, V> = ReaderSource<K, V>> {
  protected readonly source: Source;
  /** What has been brought for it for good. */
  protected readonly pins: ReadHand;
  private spare: ReadHand | undefined;

  constructor(source: Source) {
    this.source = source;
    this.pins = new ReadHand(source.loader.ledger, "look-up");
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
    const probe = view.aimAtKey(key);
    const hand = this.takeHand();
    const found = view.get(probe, hand);
    return hand.isMissing
      ? this.lookAgain(probe, hand, (own) => view.get(own, hand))
      : this.putBack(hand, found);
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  getMany(keys: Iterable<K>): (readonly WeightedValue<V>[])[] {
    const some = listKeys(keys, "getMany");
    const view = this.open();
    return this.runAll(readMany(view, this.source.context, some, this.manyKeys()));
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
    checkZSet("semijoin", keys, ZSet);
    return this.runAll(semijoinMany(view, this.source.context, keys, this.manyKeys()));
  }

  /** Tells whether a key has any value. */
  has(key: K): boolean {
    const view = this.open();
    const probe = view.aimAtKey(key);
    const hand = this.takeHand();
    const found = view.has(probe, hand);
    return hand.isMissing
      ? this.lookAgain(probe, hand, (own) => view.has(own, hand))
      : this.putBack(hand, found);
  }

  /** Finds the weight of a row; 0 when it is not there. */
  weight(key: K, value: V): number {
    const view = this.open();
    const probe = view.aimAtRow(key, value);
    const hand = this.takeHand();
    const found = view.weight(probe, hand);
    return hand.isMissing
      ? this.lookAgain(probe, hand, (own) => view.weight(own, hand))
      : this.putBack(hand, found);
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
    const { source } = this;
    const { merger } = view.chunks(read);
    const feed = feedOf(source, read, CHUNK_ROWS);
    for (const counted of countRows(merger, read)) {
      if (counted !== undefined) return counted;
      source.loader.feedSync(merger, feed, this.pins);
    }
    throw new Error("a count has no end");
  }

  /** What is read. @throws `ZSPINE_CLOSED`. */
  protected abstract open(): View<K, V>;

  /** The same for what reads in order: sorted once for all readers of the trace. */
  protected abstract inOrder(): View<K, V>;

  protected newHand(use: SlotUse): ReadHand {
    return new ReadHand(this.source.loader.ledger, use, this.pins);
  }

  /**
   * Brings what a look-up misses, and looks again. Look-ups call it themselves, one like the other: a function of them
   * all would be given a closure for every key, and only those that miss something need one.
   */
  private lookAgain<T>(probe: KeyProbe, hand: ReadHand, read: (probe: KeyProbe) => T): T {
    // What brings it may look something up, which writes the probe over.
    const own = copyProbe(probe);
    return this.run(hand, () => read(own));
  }

  /** A hand for a look-up; reading a value may run code of the caller's, whose look-ups take others. */
  private takeHand(): ReadHand {
    const hand = this.spare ?? this.newHand("look-up");
    this.spare = undefined;
    return hand;
  }

  /** Keeps a hand that nothing was brought for, for the next look-up. */
  private putBack<T>(hand: ReadHand, found: T): T {
    hand.restart();
    this.spare = hand;
    return found;
  }

  protected run<T>(hand: ReadHand, read: () => T): T {
    return this.source.loader.lookSync(this.source, hand, read);
  }

  /** Brings what a read of many keys misses, and goes on with it. */
  private runAll<T>(readings: Readings<T>): T {
    for (let step = readings.next(); ; step = readings.next()) {
      if (step.done === true) return step.value;
      this.run(step.value.hand, step.value.read);
    }
  }

  private manyKeys(): ManyKeysSource {
    return { ledger: this.source.loader.ledger, newHand: (use) => this.newHand(use) };
  }

  private *readRows(range: ReadRange): Generator<Row<K, V>, void, undefined> {
    for (const chunk of this.readChunks(range, FIRST_ROWS)) {
      const read = chunk.reader();
      for (let row = 0; row < chunk.length; row++) {
        this.open();
        yield read(row);
      }
    }
  }

  private *readChunks(range: ReadRange, firstRows: number): Generator<Chunk<K, V>, void, undefined> {
    const { source } = this;
    const { loader, keeper } = source;
    const view = this.inOrder();
    const stay = keeper.enter(view.files, view);
    try {
      const reader = view.chunks(range, firstRows);
      const feed = feedOf(source, range, firstRows);
      stay.held.push(reader, feed);
      for (;;) {
        const chunk = reader.next();
        if (chunk !== undefined) {
          yield chunk;
          this.open();
        } else if (reader.isDone) return;
        else loader.feedSync(reader.merger, feed, this.pins);
      }
    } finally {
      keeper.leave(stay);
    }
  }
}
