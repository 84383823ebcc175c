import {
  ZspineError,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
} from "@zspine/core";
import { refuseArgument } from "../options/no-argument.ts";
import { AsyncReader } from "../snapshot/async-reader.ts";
import type { Reader } from "../snapshot/reader.ts";
import { Snapshot } from "../snapshot/snapshot.ts";
import type { View } from "../view/view.ts";
import { insertFollowed, type Followers } from "./followers.ts";
import {
  checkRows,
  chunkOf,
  isZSet,
  listRows,
  storedRow,
  validatedRow,
  validatedRows,
} from "./given-rows.ts";
import { LiveReader } from "./live-reader.ts";
import { otherSchema } from "./other-schema.ts";
import { traceStats, type TraceStats } from "./trace-stats.ts";
import type { TraceState } from "./trace-state.ts";

/**
 * A named indexed Z-set of a store: what a user inserts into and reads. Writing is adding weights, reads
 * nothing, and shows at once in this handle's reads; the store's `commit` makes it last.
 *
 * Reads are promises, for a store over a medium must wait for it; `now` and `snapshot()` read synchronously.
 * Every method throws or rejects with `ZSPINE_CLOSED` once the store is closed or the trace dropped, and
 * with `ZSPINE_INVALID_OPTIONS`, naming the path, when a key, a value or a range is not of the schema.
 */
export class Trace<K, V> extends AsyncReader<K, V, TraceState<K, V>> {
  private readonly state: TraceState<K, V>;
  /** Whether every row is also parsed by the schemas. */
  readonly validates: boolean;
  /**
   * Reads synchronously what can be read now, committed or not: each call sees what has been inserted by then. For
   * rows that are in memory, or over a backend that is read at once; else `ZSPINE_NOT_RESIDENT`.
   */
  readonly now: Reader<K, V>;
  /** Who is told of rows before they are inserted; missing where nobody is. For `followInserts()` of `@zspine/store/trace-kind`. */
  followers: Followers | undefined = undefined;

  /** Use `store.trace(name, { key, value })`. */
  constructor(state: TraceState<K, V>, validates: boolean) {
    super(state);
    this.state = state;
    this.validates = validates;
    this.now = new LiveReader(state);
  }

  /** The name by which the store knows it. */
  get name(): string {
    return this.state.name;
  }

  /**
   * The number of the commit that made it; `undefined` until there was one. One of its name that is made anew, after it was
   * dropped, has another. In a copy of the store all are of its first.
   */
  get created(): number | undefined {
    return this.state.created;
  }

  /** How its rows lie in columns, with the schemas that it was opened with: what a Z-set for it is made by. */
  get layout(): Layout<K, V> {
    return this.state.layout;
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
    const { intake, layout } = this.state;
    if (!this.validates && this.followers === undefined) {
      intake.insert(key, value, weight);
      return;
    }
    const row = (this.validates ? validatedRow : storedRow)(layout, key, value);
    insertFollowed(this, [{ ...row, weight }], () => {
      intake.insert(row.key, row.value, weight);
    });
  }

  /** Inserts many rows; none of them when one is refused. Errors as {@link Trace.insert}. */
  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    this.guardWrite();
    checkRows(rows);
    const { intake, layout } = this.state;
    const given = this.validates ? validatedRows(layout, rows) : rows;
    if (this.followers === undefined) {
      intake.insertAll(given);
      return;
    }
    const listed = listRows(layout, given);
    insertFollowed(this, listed, () => {
      intake.insertAll(listed);
    });
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
      insertFollowed(this, rows, () => {
        state.intake.insertZSet(rows);
      });
      return;
    }
    if (this.validates || this.followers !== undefined) this.insertAll(chunkOf(state.layout, rows).rows());
    else state.intake.insertColumns(rows);
  }

  /**
   * Takes a snapshot of what can be read now, committed or not. Free; close it when done.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for an argument: it takes none.
   */
  snapshot(): Snapshot<K, V> {
    const { state } = this;
    state.guard();
    refuseArgument(
      "snapshot",
      arguments[0],
      "it shows the rows of now; those of a commit that is held are read by store.at(commit)",
    );
    const view = state.view();
    return new Snapshot(state, { view, place: state.hold(), discards: state.discards });
  }

  /** Takes a snapshot of what a commit that is held has acknowledged; for `store.at()` and `store.atHold()`. */
  snapshotOf(commit: number): Snapshot<K, V> {
    const { state } = this;
    state.guard();
    return new Snapshot(state, { ...state.holdAt(commit), discards: state.discards });
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

  protected open(): View<K, V> {
    return this.state.view();
  }

  protected inOrder(): View<K, V> {
    return this.state.viewInOrder();
  }
}
