import {
  checkIterable,
  checkPair,
  Chunk,
  countColumnarRows,
  Staging,
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
  checkRead,
  listKeys,
  NO_OPTIONS,
  readRange,
  type KeyRange,
  type ReadOptions,
  type ReadRange,
} from "../range/key-range.ts";
import { Snapshot, type SnapshotSource } from "../snapshot/snapshot.ts";
import type { Steps } from "../stored/block-reader.ts";
import { useOf, type Reading } from "../view/reading.ts";
import { FIRST_ROWS, type RowCount, type View } from "../view/view.ts";
import { otherSchema } from "./other-schema.ts";
import { traceStats, type TraceStats } from "./trace-stats.ts";
import type { TraceState } from "./trace-state.ts";

/**
 * A named indexed Z-set of a store: what a user inserts into and reads. Writing is adding weights, reads
 * nothing, and shows at once in this handle's reads; the store's `commit` makes it last.
 *
 * Reads are promises, for a store over a medium must wait for it; `snapshot()` reads synchronously.
 * Every method throws or rejects with `ZSPINE_CLOSED` once the store is closed or the trace dropped, and
 * with `ZSPINE_INVALID_OPTIONS`, naming the path, when a key, a value or a range is not of the schema.
 */
export class Trace<K, V> {
  private readonly state: TraceState<K, V>;
  private readonly source: SnapshotSource;
  /** Whether every row is also parsed by the schemas. */
  readonly validates: boolean;

  /** Use `store.trace(name, { key, value })`. */
  constructor(state: TraceState<K, V>, source: SnapshotSource, validates: boolean) {
    this.state = state;
    this.source = source;
    this.validates = validates;
  }

  /** The name by which the store knows it. */
  get name(): string {
    return this.state.name;
  }

  /** No fewer than the distinct rows there are; free. `count()` is exact. */
  get size(): number {
    this.source.guard();
    return this.state.size;
  }

  /** The sum of all weights; exact and free. */
  get totalWeight(): number {
    this.source.guard();
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
    if (this.validates) this.state.layout.validate(key, value);
    this.state.insert(key, value, weight);
  }

  /** Inserts many rows; none of them when one is refused. Errors as {@link Trace.insert}. */
  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    this.guardWrite();
    checkIterable(rows, "insertAll", ROWS, "pass [row], or call insert(key, value, weight)");
    this.state.insertAll(this.validates ? this.validated(rows) : rows);
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
      state.insertZSet(rows);
      return;
    }
    if (this.validates) state.insertAll(this.validated(columnarRows(state.layout, rows)));
    else state.insertColumns(rows);
  }

  /** Finds all values of a key, with weights, in order; none when it is absent. Expected O(1) a batch. */
  async get(key: K, options: ReadOptions = NO_OPTIONS): Promise<readonly WeightedValue<V>[]> {
    checkRead(options, "get");
    return this.look(
      (view) => view.get(key),
      (view) => view.get(key),
      options,
    );
  }

  /** Finds the values of many keys, in the order of `keys`, any iterable: cheaper than one by one. */
  async getMany(
    keys: Iterable<K>,
    options: ReadOptions = NO_OPTIONS,
  ): Promise<(readonly WeightedValue<V>[])[]> {
    checkRead(options, "getMany");
    const some = listKeys(keys, "getMany");
    return this.look(
      (view) => view.getMany(some),
      (view) => view.getMany(some),
      options,
    );
  }

  /** Tells whether a key has any value. */
  async has(key: K, options: ReadOptions = NO_OPTIONS): Promise<boolean> {
    checkRead(options, "has");
    return this.look(
      (view) => view.has(key),
      (view) => view.has(key),
      options,
    );
  }

  /** Finds the weight of a row; 0 when it is not there. */
  async weight(key: K, value: V, options: ReadOptions = NO_OPTIONS): Promise<number> {
    checkRead(options, "weight");
    return this.look(
      (view) => view.weight(key, value),
      (view) => view.weight(key, value),
      options,
    );
  }

  /**
   * Reads the rows of a range in order of key and value, as they are when the reading begins. May be
   * enumerated again, and sees then what is there then. Leaving the loop early frees everything.
   */
  rows(range: KeyRange<K> = {}, options: ReadOptions = NO_OPTIONS): AsyncIterable<Row<K, V>> {
    checkRead(options, "rows");
    const read = readRange(this.state.layout, range);
    return { [Symbol.asyncIterator]: () => this.readRows(read, options) };
  }

  /** Reads the rows of a range in columns: the fast way. As {@link Trace.rows}. */
  chunks(range: KeyRange<K> = {}, options: ReadOptions = NO_OPTIONS): AsyncIterable<Chunk<K, V>> {
    checkRead(options, "chunks");
    const read = readRange(this.state.layout, range);
    return { [Symbol.asyncIterator]: () => this.readChunks(read, undefined, options) };
  }

  /** Counts the distinct rows of a range exactly, and says what it cost. */
  async count(range: KeyRange<K> = {}, options: ReadOptions = NO_OPTIONS): Promise<RowCount> {
    checkRead(options, "count");
    const read = readRange(this.state.layout, range);
    return this.look(
      (view) => view.count(read),
      (view) => view.count(read),
      options,
    );
  }

  /** Takes a snapshot of what can be read now, committed or not. Free; close it when done. */
  snapshot(): Snapshot<K, V> {
    this.source.guard();
    const { state } = this;
    const boundary = state.hold();
    return new Snapshot(this.source, {
      context: state.context,
      reading: state.view(),
      entries: state.entries(),
      boundary,
      discards: state.discards,
    });
  }

  /** Counts what the trace holds and has done. */
  stats(): TraceStats {
    this.source.guard();
    return traceStats(this.state);
  }

  /** @throws `ZSPINE_NOT_SUPPORTED` when the store is read only. */
  private guardWrite(): void {
    this.source.guard();
    if (!this.source.isReadOnly) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `cannot insert into trace ${JSON.stringify(this.name)}: the store was opened with { readOnly: true }`,
    );
  }

  private read(options: ReadOptions): Reading<K, V> {
    this.source.guard();
    throwIfAborted(options.signal, "the read");
    return this.state.view();
  }

  /** Looks something up: at once where all rows are in memory, else in steps, while the batches are held. */
  private async look<T>(
    atOnce: (view: View<K, V>) => T,
    inSteps: (view: Reading<K, V>) => Steps<T>,
    options: ReadOptions,
  ): Promise<T> {
    const reading = this.read(options);
    if (reading.isResident) return atOnce(reading.resident);
    const { blocks, keeper } = this.state;
    reading.hold(keeper);
    try {
      return await blocks.run(inSteps(reading), { kind: "look-up" }, options.signal);
    } finally {
      reading.release(keeper);
    }
  }

  private async *readRows(
    range: ReadRange,
    options: ReadOptions,
  ): AsyncGenerator<Row<K, V>, void, undefined> {
    for await (const chunk of this.readChunks(range, FIRST_ROWS, options)) {
      for (const row of chunk.rows()) {
        this.source.guard();
        yield row;
      }
    }
  }

  private async *readChunks(
    range: ReadRange,
    firstRows: number | undefined,
    options: ReadOptions,
  ): AsyncGenerator<Chunk<K, V>, void, undefined> {
    const reading = this.read(options);
    const checked = (): void => {
      this.source.guard();
      throwIfAborted(options.signal, "the read");
    };
    if (reading.isResident) {
      for (const chunk of reading.resident.chunks(range, firstRows)) {
        yield chunk;
        checked();
      }
      return;
    }
    const { blocks, keeper } = this.state;
    reading.hold(keeper);
    try {
      const chunks = reading.chunks(range, firstRows);
      const use = { kind: useOf(range), ahead: new Map() };
      for (;;) {
        const chunk = await blocks.run(chunks.next(), use, options.signal);
        if (chunk === undefined) return;
        blocks.readAhead(chunks.upcoming(), use, options.signal);
        yield chunk;
        checked();
      }
    } finally {
      reading.release(keeper);
    }
  }

  private *validated(
    rows: Iterable<IndexedZSetRowInput<K, V>>,
  ): Generator<IndexedZSetRowInput<K, V>, void, undefined> {
    let at = 0;
    for (const row of rows) {
      checkPair(row, at++);
      this.state.layout.validate(row.key, row.value);
      yield row;
    }
  }
}

const ROWS = "rows { key, value, weight } in an array or another iterable";

/** Tells a Z-set from columns, and from anything else, which columns are checked for. */
function isZSet<K, V>(rows: ColumnarRows<K, V> | IndexedZSet<K, V>): rows is IndexedZSet<K, V> {
  const { batch } = (rows ?? {}) as { batch?: { layout?: { fingerprint?: unknown } } };
  return typeof batch?.layout?.fingerprint === "string";
}

/** Reads columnar input row by row, as refinements want it. */
function* columnarRows<K, V>(
  layout: Layout<K, V>,
  columns: ColumnarRows<K, V>,
): Generator<IndexedZSetRowInput<K, V>> {
  const staging = new Staging(layout);
  staging.pushColumns(columns, 0, countColumnarRows(layout, columns));
  yield* new Chunk(layout, staging.peek()).rows();
}
