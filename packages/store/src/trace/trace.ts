import {
  Chunk,
  throwIfAborted,
  ZspineError,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
  type Row,
  type WeightedValue,
} from "@zspine/core";
import {
  checkIterable,
  checkPair,
  checkZSet,
  countColumns,
  probeKeys,
  probeRow,
  readRow,
  sortRows,
  Staging,
  type KeyProbe,
} from "@zspine/core/engine";
import {
  checkRead,
  listKeys,
  NO_OPTIONS,
  readRange,
  type KeyRange,
  type ReadOptions,
  type ReadRange,
} from "../range/key-range.ts";
import { refuseArgument } from "../options/no-argument.ts";
import type { Reader } from "../snapshot/reader.ts";
import { Snapshot } from "../snapshot/snapshot.ts";
import type { SlotUse } from "../tier/ledger.ts";
import { ReadHand } from "../tier/read-hand.ts";
import type { Holder } from "../tier/tally.ts";
import { CHUNK_ROWS, FIRST_ROWS } from "../view/chunk-reader.ts";
import { copyProbe, countRows, feedOf, keysInOrder } from "../view/read.ts";
import type { RowCount, View } from "../view/view.ts";
import { LiveReader } from "./live-reader.ts";
import { otherSchema } from "./other-schema.ts";
import { traceStats, type TraceStats } from "./trace-stats.ts";
import type { TraceState } from "./trace-state.ts";

/** Readers of no more rows than this do not read ahead. */
const READ_AHEAD_ROWS = 65536;

/**
 * A named indexed Z-set of a store: what a user inserts into and reads. Writing is adding weights, reads
 * nothing, and shows at once in this handle's reads; the store's `commit` makes it last.
 *
 * Reads are promises, for a store over a medium must wait for it; `now` and `snapshot()` read synchronously.
 * Every method throws or rejects with `ZSPINE_CLOSED` once the store is closed or the trace dropped, and
 * with `ZSPINE_INVALID_OPTIONS`, naming the path, when a key, a value or a range is not of the schema.
 */
export class Trace<K, V> {
  private readonly state: TraceState<K, V>;
  /** Whether every row is also parsed by the schemas. */
  readonly validates: boolean;
  /**
   * Reads synchronously what can be read now, committed or not: each call sees what has been inserted by then. For
   * rows that are in memory, or over a backend that is read at once; else `ZSPINE_NOT_RESIDENT`.
   */
  readonly now: Reader<K, V>;

  /** Use `store.trace(name, { key, value })`. */
  constructor(state: TraceState<K, V>, validates: boolean) {
    this.state = state;
    this.validates = validates;
    this.now = new LiveReader(state);
  }

  /** The name by which the store knows it. */
  get name(): string {
    return this.state.name;
  }

  /** No fewer than the distinct rows there are; free. `count()` is exact. */
  get size(): number {
    this.state.guard();
    return this.state.size;
  }

  /** The sum of all weights; exact and free. */
  get totalWeight(): number {
    this.state.guard();
    return this.state.totalWeight;
  }

  /**
   * Adds `weight` to the weight of a row: 1 unless given, negative to retract; 0 checks the row and does
   * nothing. Amortised O(log n); reads nothing.
   *
   * @throws `ZSPINE_WEIGHT_RANGE` when the weight, its sum with what is there, or the trace's total would
   *   leave ±(2⁵³−1). Nothing is applied when it throws.
   */
  insert(key: K, value: V, weight = 1): void {
    this.guardWrite();
    const { intake } = this.state;
    if (!this.validates) intake.insert(key, value, weight);
    else {
      const row = this.validated(key, value);
      intake.insert(row.key, row.value, weight);
    }
  }

  /** Inserts many rows; none of them when one is refused. Errors as {@link Trace.insert}. */
  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    this.guardWrite();
    checkIterable(rows, "insertAll", ROWS, "pass [row], or call insert(key, value, weight)");
    this.state.intake.insertAll(this.validates ? this.validatedRows(rows) : rows);
  }

  /**
   * Inserts columns, which is the fast way, or a Z-set, which is taken by reference. All or nothing.
   * Columns are copied. Errors as {@link Trace.insert}, and `ZSPINE_SCHEMA` for a Z-set of another schema.
   */
  insertBatch(rows: ColumnarRows<K, V> | IndexedZSet<K, V>): void {
    this.guardWrite();
    const { state } = this;
    if (isZSet(rows)) {
      const { fingerprint } = rows.batch.layout;
      if (fingerprint !== state.layout.fingerprint)
        throw otherSchema(this.name, state.layout.fingerprint, fingerprint);
      if (this.validates) for (const { key, value } of rows) state.layout.validate(key, value);
      state.intake.insertZSet(rows);
      return;
    }
    if (this.validates) state.intake.insertAll(this.validatedRows(columnarRows(state.layout, rows)));
    else state.intake.insertColumns(rows);
  }

  /** Finds all values of a key, with weights, in order; none when it is absent. Expected O(1) a batch. */
  async get(key: K, given: ReadOptions = NO_OPTIONS): Promise<readonly WeightedValue<V>[]> {
    const options = checkRead(given, "get");
    const view = this.read(options);
    return this.look(view, view.aimAtKey(key), (probe, hand) => view.get(probe, hand), options);
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  async getMany(
    keys: Iterable<K>,
    given: ReadOptions = NO_OPTIONS,
  ): Promise<(readonly WeightedValue<V>[])[]> {
    const options = checkRead(given, "getMany");
    const some = listKeys(keys, "getMany");
    const view = this.read(options);
    const { state } = this;
    const probe = probeKeys(state.layout, some);
    const order = sortRows(probe);
    const all = this.newHand("look-up");
    const atOnce = view.getMany(probe, order, all);
    if (!all.isMissing) return atOnce;
    const found: (readonly WeightedValue<V>[])[] = Array.from({ length: some.length });
    return this.holding(view, async (held) => {
      for (const { part, places } of keysInOrder(probe, order)) {
        const hand = this.newHand("look-up");
        // In the place of the one before it, which is done with; the view is first.
        held[1] = hand;
        const read = (): (readonly WeightedValue<V>[])[] => view.getMany(part, undefined, hand);
        const values = await state.loader.look(state, hand, read, options.signal);
        values.forEach((ofKey, at) => {
          found[places[at]!] = ofKey;
        });
      }
      return found;
    });
  }

  /** Tells whether a key has any value. */
  async has(key: K, given: ReadOptions = NO_OPTIONS): Promise<boolean> {
    const options = checkRead(given, "has");
    const view = this.read(options);
    return this.look(view, view.aimAtKey(key), (probe, hand) => view.has(probe, hand), options);
  }

  /** Finds the weight of a row; 0 when it is not there. */
  async weight(key: K, value: V, given: ReadOptions = NO_OPTIONS): Promise<number> {
    const options = checkRead(given, "weight");
    const view = this.read(options);
    return this.look(view, view.aimAtRow(key, value), (probe, hand) => view.weight(probe, hand), options);
  }

  /**
   * Reads the rows of a range in order of key and value, as they are when the reading begins. May be
   * enumerated again, and sees then what is there then. Leaving the loop early frees everything.
   */
  rows(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): AsyncIterable<Row<K, V>> {
    const options = checkRead(given, "rows");
    const read = readRange(this.state.layout, range);
    return { [Symbol.asyncIterator]: () => this.readRows(read, options) };
  }

  /** Reads the rows of a range in columns: the fast way. As {@link Trace.rows}. */
  chunks(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): AsyncIterable<Chunk<K, V>> {
    const options = checkRead(given, "chunks");
    const read = readRange(this.state.layout, range);
    return { [Symbol.asyncIterator]: () => this.readChunks(read, CHUNK_ROWS, options) };
  }

  /** Counts the distinct rows of a range exactly, and says what it cost. */
  async count(range: KeyRange<K> = {}, given: ReadOptions = NO_OPTIONS): Promise<RowCount> {
    const options = checkRead(given, "count");
    const read = readRange(this.state.layout, range);
    const view = this.readInOrder(options);
    const { state } = this;
    return this.holding(view, async (held) => {
      const hand = this.newHand("look-up");
      held.push(hand);
      const told = await state.loader.look(state, hand, () => view.countIn(read, hand), options.signal);
      if (told !== undefined) return told;
      const { merger } = view.chunks(read);
      const feed = feedOf(state, read, CHUNK_ROWS);
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
        await state.loader.feed(merger, feed, options.signal);
      }
      throw new Error("a count has no end");
    });
  }

  /** Takes a snapshot of what can be read now, committed or not. Free; close it when done. */
  snapshot(): Snapshot<K, V> {
    const { state } = this;
    state.guard();
    const view = state.view();
    return new Snapshot(state, { view, place: state.hold(), discards: state.discards });
  }

  /** Takes a snapshot of what commits have acknowledged; for `store.at()`. */
  snapshotOfCommitted(): Snapshot<K, V> {
    const { state } = this;
    state.guard();
    return new Snapshot(state, { ...state.holdCommitted(), discards: state.discards });
  }

  /** Counts what the trace holds and has done. */
  stats(): TraceStats {
    this.state.guard();
    refuseArgument("stats", arguments[0], "it counts the whole trace");
    return traceStats(this.state);
  }

  /** @throws `ZSPINE_NOT_SUPPORTED` when the store is read only. */
  private guardWrite(): void {
    this.state.guard();
    if (!this.state.isReadOnly) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `cannot insert into trace ${JSON.stringify(this.name)}: the store was opened with { readOnly: true }`,
    );
  }

  private read(options: ReadOptions): View<K, V> {
    this.state.guard();
    throwIfAborted(options.signal, "the read");
    return this.state.view();
  }

  private readInOrder(options: ReadOptions): View<K, V> {
    this.state.guard();
    throwIfAborted(options.signal, "the read");
    return this.state.viewInOrder();
  }

  private newHand(use: SlotUse): ReadHand {
    return new ReadHand(this.state.loader.ledger, use);
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
    const { state } = this;
    // The next look-up writes the probe over.
    const own = copyProbe(probe);
    return this.holding(view, async (held) => {
      held.push(hand);
      await state.loader.bring(state, hand, signal);
      return state.loader.look(state, hand, () => read(own, hand), signal);
    });
  }

  /** Keeps what a view reads from being removed, while it is read. */
  private async holding<T>(view: View<K, V>, work: (held: Holder[]) => Promise<T>): Promise<T> {
    const { keeper } = this.state;
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
      for (const row of chunk.rows()) {
        this.state.guard();
        yield row;
      }
    }
  }

  private async *readChunks(
    range: ReadRange,
    firstRows: number,
    options: ReadOptions,
  ): AsyncGenerator<Chunk<K, V>, void, undefined> {
    const view = this.readInOrder(options);
    const { state } = this;
    const { keeper, loader } = state;
    const stay = keeper.enter(view.files, view);
    try {
      const reader = view.chunks(range, firstRows);
      const feed = feedOf(state, range, firstRows);
      stay.held.push(reader, feed);
      for (;;) {
        const chunk = reader.next();
        if (chunk === undefined) {
          if (reader.isDone) return;
          await loader.feed(reader.merger, feed, options.signal);
          continue;
        }
        if (range.limit > READ_AHEAD_ROWS) loader.readAhead(reader.merger, feed, options.signal);
        yield chunk;
        this.state.guard();
        throwIfAborted(options.signal, "the read");
      }
    } finally {
      keeper.leave(stay);
    }
  }

  /**
   * Reads a row once, as it will be stored, and has the schemas check that: getters and proxies may tell something
   * else each time they are asked.
   */
  private validated(key: K, value: V): { readonly key: K; readonly value: V } {
    const { layout } = this.state;
    const { columns } = probeRow(layout, key, value);
    const row = { key: readRow(layout.key, columns, 0) as K, value: readRow(layout.value, columns, 0) as V };
    layout.validate(row.key, row.value);
    return row;
  }

  private *validatedRows(
    rows: Iterable<IndexedZSetRowInput<K, V>>,
  ): Generator<IndexedZSetRowInput<K, V>, void, undefined> {
    let at = 0;
    for (const row of rows) {
      checkPair(row, at++);
      const { key, value, weight } = row;
      const checked = this.validated(key, value);
      yield weight === undefined ? checked : { ...checked, weight };
    }
  }
}

const ROWS = "rows { key, value, weight } in an array or another iterable";

/** Tells a Z-set from columns, and from anything else, which columns are checked for. @throws for one that is none of ours. */
function isZSet<K, V>(rows: ColumnarRows<K, V> | IndexedZSet<K, V>): rows is IndexedZSet<K, V> {
  const isOne = ((rows ?? {}) as { batch?: unknown }).batch !== undefined;
  if (isOne) checkZSet("insertBatch", rows);
  return isOne;
}

/** Reads columnar input row by row, as refinements want it. */
function* columnarRows<K, V>(
  layout: Layout<K, V>,
  columns: ColumnarRows<K, V>,
): Generator<IndexedZSetRowInput<K, V>> {
  const staging = new Staging(layout);
  const input = countColumns(layout, columns);
  staging.pushColumns(input, 0, input.length);
  yield* new Chunk(layout, staging.peek()).rows();
}
