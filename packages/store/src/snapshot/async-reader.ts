import {
  throwIfAborted,
  ZSet,
  type Chunk,
  type IndexedZSet,
  type Row,
  type WeightedValue,
} from "@zspine/core";
import { checkZSet, type KeyProbe } from "@zspine/core/engine";
import {
  checkRead,
  listKeys,
  NO_OPTIONS,
  readRange,
  type KeyRange,
  type ReadOptions,
  type ReadRange,
} from "../range/key-range.ts";
import type { SlotUse } from "../tier/ledger.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { Holder } from "../tier/tally.ts";
import { CHUNK_ROWS, FIRST_ROWS } from "../view/chunk-reader.ts";
import { readMany, semijoinMany, type ManyKeysSource, type Readings } from "../view/many-keys.ts";
import { copyProbe, countRows, feedOf } from "../view/read.ts";
import type { RowCount, View } from "../view/view.ts";
import type { ReaderSource } from "./reader.ts";

/** Readers of no more rows than this do not read ahead. */
const READ_AHEAD_ROWS = 65536;

/** Reads a trace by promises: what a backend holds is waited for. */
export abstract class AsyncReader<K, V, Source extends ReaderSource<K, V> = ReaderSource<K, V>> {
  protected readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  /** Finds all values of a key, with weights, in order; none when it is absent. Expected O(1) a batch. */
  async get(key: K, given: ReadOptions = NO_OPTIONS): Promise<readonly WeightedValue<V>[]> {
    const options = checkRead(given, "get");
    const view = this.begin(options);
    return this.look(view, view.aimAtKey(key), (probe, hand) => view.get(probe, hand), options);
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  async getMany(
    keys: Iterable<K>,
    given: ReadOptions = NO_OPTIONS,
  ): Promise<(readonly WeightedValue<V>[])[]> {
    const options = checkRead(given, "getMany");
    const some = listKeys(keys, "getMany");
    const view = this.begin(options);
    return this.runAll(view, options, readMany(view, this.source.context, some, this.manyKeys()));
  }

  /** Tells whether a key has any value. */
  async has(key: K, given: ReadOptions = NO_OPTIONS): Promise<boolean> {
    const options = checkRead(given, "has");
    const view = this.begin(options);
    return this.look(view, view.aimAtKey(key), (probe, hand) => view.has(probe, hand), options);
  }

  /** Finds the weight of a row; 0 when it is not there. */
  async weight(key: K, value: V, given: ReadOptions = NO_OPTIONS): Promise<number> {
    const options = checkRead(given, "weight");
    const view = this.begin(options);
    return this.look(view, view.aimAtRow(key, value), (probe, hand) => view.weight(probe, hand), options);
  }

  /**
   * Reads the rows of a range in order of key and value, as they are when the reading begins. May be
   * enumerated again, and sees then what is there then. Leaving the loop early frees everything.
   */
  rows(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): AsyncIterable<Row<K, V>> {
    const options = checkRead(given, "rows");
    const read = readRange(this.source.context.layout, range);
    return { [Symbol.asyncIterator]: () => this.readRows(read, options) };
  }

  /** Reads the rows of a range in columns: the fast way. As {@link AsyncReader.rows}. */
  chunks(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): AsyncIterable<Chunk<K, V>> {
    const options = checkRead(given, "chunks");
    const read = readRange(this.source.context.layout, range);
    return { [Symbol.asyncIterator]: () => this.readChunks(read, CHUNK_ROWS, options) };
  }

  /**
   * Reads the rows of many keys as a Z-set, which is what a delta is joined with: keeps the rows whose key
   * is in `keys`, their weights multiplied by the key's, which in a set is 1. No value is decoded. Cost
   * O(keys · log rows) a batch, and what is kept.
   *
   * @throws (rejects with) `ZSPINE_SCHEMA` when the keys are of another schema.
   */
  async semijoin(keys: ZSet<K>, given: ReadOptions = NO_OPTIONS): Promise<IndexedZSet<K, V>> {
    const options = checkRead(given, "semijoin");
    checkZSet("semijoin", keys, ZSet);
    const view = this.begin(options);
    return this.runAll(view, options, semijoinMany(view, this.source.context, keys, this.manyKeys()));
  }

  /** Counts the distinct rows of a range exactly, and says what it cost. */
  async count(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): Promise<RowCount> {
    const options = checkRead(given, "count");
    const { source } = this;
    const { context, loader } = source;
    const read = readRange(context.layout, range);
    const view = this.beginInOrder(options);
    return this.holding(view, async (held) => {
      const hand = this.newHand("look-up");
      held.push(hand);
      const told = await loader.look(source, hand, () => view.countIn(read, hand), options.signal);
      if (told !== undefined) return told;
      const { merger } = view.chunks(read);
      const feed = feedOf(source, read, CHUNK_ROWS);
      held.push(
        {
          account: (tally) => {
            tally.merger(merger);
          },
        },
        feed,
      );
      for (const counted of countRows(merger, read)) {
        if (counted !== undefined) return counted;
        await loader.feed(merger, feed, options.signal);
      }
      throw new Error("a count has no end");
    });
  }

  /** What is read. @throws `ZSPINE_CLOSED`. */
  protected abstract open(): View<K, V>;

  /** The same for what reads in order: sorted once for all readers of the trace. */
  protected abstract inOrder(): View<K, V>;

  /** Told before each row and chunk that is given, for a reader may have to end. @throws as it must. */
  protected check(): void {
    this.source.guard();
  }

  private begin({ signal }: ReadOptions): View<K, V> {
    this.source.guard();
    throwIfAborted(signal, "the read");
    return this.open();
  }

  private beginInOrder({ signal }: ReadOptions): View<K, V> {
    this.source.guard();
    throwIfAborted(signal, "the read");
    return this.inOrder();
  }

  private newHand(use: SlotUse): ReadHand {
    return new ReadHand(this.source.loader.ledger, use);
  }

  /** Looks something up: at once where nothing has to be brought for it. */
  private async look<T>(
    view: View<K, V>,
    probe: KeyProbe,
    read: (probe: KeyProbe, hand: ReadHand) => T,
    { signal }: ReadOptions,
  ): Promise<T> {
    const hand = this.newHand("look-up");
    const found = read(probe, hand);
    if (!hand.isMissing) return found;
    const { source } = this;
    const { loader } = source;
    // The next look-up writes the probe over.
    const own = copyProbe(probe);
    return this.holding(view, async (held) => {
      held.push(hand);
      await loader.bring(source, hand, signal);
      return loader.look(source, hand, () => read(own, hand), signal);
    });
  }

  /** Brings what a read of many keys misses, and goes on with it. */
  private runAll<T>(view: View<K, V>, { signal }: ReadOptions, readings: Readings<T>): Promise<T> {
    const { source } = this;
    return this.holding(view, async (held) => {
      for (let step = readings.next(); ; step = readings.next()) {
        if (step.done === true) return step.value;
        const { hand, read } = step.value;
        // In the place of the one before it, which is done with; the view is first.
        held[1] = hand;
        await source.loader.look(source, hand, read, signal);
      }
    });
  }

  private manyKeys(): ManyKeysSource {
    return { ledger: this.source.loader.ledger, newHand: (use) => this.newHand(use) };
  }

  /** Keeps what a view reads from being removed, while it is read. */
  private async holding<T>(view: View<K, V>, work: (held: Holder[]) => Promise<T>): Promise<T> {
    const { keeper } = this.source;
    const stay = keeper.enter(view.files, view);
    try {
      return await work(stay.held);
    } finally {
      keeper.leave(stay);
    }
  }

  private async *readRows(
    range: ReadRange,
    options: ReadOptions,
  ): AsyncGenerator<Row<K, V>, void, undefined> {
    for await (const chunk of this.readChunks(range, FIRST_ROWS, options)) {
      const read = chunk.reader();
      for (let row = 0; row < chunk.length; row++) {
        this.check();
        yield read(row);
      }
    }
  }

  private async *readChunks(
    range: ReadRange,
    firstRows: number,
    options: ReadOptions,
  ): AsyncGenerator<Chunk<K, V>, void, undefined> {
    const view = this.beginInOrder(options);
    const { source } = this;
    const { keeper, loader } = source;
    const stay = keeper.enter(view.files, view);
    try {
      const reader = view.chunks(range, firstRows);
      const feed = feedOf(source, range, firstRows);
      stay.held.push(reader, feed);
      for (;;) {
        const chunk = reader.next();
        if (chunk === undefined) {
          if (reader.isDone) return;
          await loader.feed(reader.merger, feed, options.signal);
          continue;
        }
        this.check();
        if (range.limit > READ_AHEAD_ROWS) loader.readAhead(reader.merger, feed, options.signal);
        yield chunk;
        this.check();
        throwIfAborted(options.signal, "the read");
      }
    } finally {
      keeper.leave(stay);
    }
  }
}
