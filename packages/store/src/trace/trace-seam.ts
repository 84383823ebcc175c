import {
  ZspineError,
  type ColumnarRows,
  type Environment,
  type IndexedZSet,
  type Layout,
} from "@zspine/core";
import { Probe, type Batch, type Lens } from "@zspine/core/engine";
import type { IndexedZSetRowInput } from "@zspine/core";
import type { Json } from "../head/metadata.ts";
import { storedBytesOf } from "../tier/batch-file.ts";
import { View } from "../view/view.ts";
import type { ReaderSource } from "../snapshot/reader.ts";
import { traceStats, type TraceStats } from "./trace-stats.ts";
import type { TraceState } from "./trace-state.ts";

/** What a seam is told of its store. */
export interface SeamOfStore {
  readonly validates: boolean;
  readonly environment: Environment;
  makeHead(): Promise<void>;
  /** Takes over what another process has committed, in a store that only reads. */
  refresh(): Promise<void>;
  /** Waits until that may be more than there was, and takes it over. */
  nextHead(signal: AbortSignal | undefined): Promise<void>;
  /** Who asks its writer, and how; missing where the store is no guest. */
  readonly guest: SeamOfGuest | undefined;
}

/** A store that was opened as a guest, as its traces know it. */
export interface SeamOfGuest {
  /** What it is called in what the writer tells of it. */
  readonly name: string;
  ask(trace: string, asked: Json, what: string, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * What the author of a kind of trace works with: the trace's intake, what heads say of it, and readers of what commits
 * have acknowledged. Everything that writes takes effect with the next commit of the store.
 */
export class TraceSeam<K, V, S> {
  /** Whether rows are to be parsed by the schemas besides. */
  readonly validates: boolean;
  readonly environment: Environment;
  private readonly ofStore: SeamOfStore;
  private readonly state: TraceState<K, V>;

  /** Made by `openTraceOfKind()`. */
  constructor(state: TraceState<K, V>, ofStore: SeamOfStore) {
    this.state = state;
    this.validates = ofStore.validates;
    this.environment = ofStore.environment;
    this.ofStore = ofStore;
  }

  get name(): string {
    return this.state.name;
  }

  /** The number of the commit that made it; `undefined` until there was one. */
  get created(): number | undefined {
    return this.state.created;
  }

  /** The layout of what is stored. */
  get layout(): Layout<K, V> {
    return this.state.layout;
  }

  get isReadOnly(): boolean {
    return this.state.isReadOnly;
  }

  /** What a store that was opened as a guest is called, which may {@link TraceSeam.ask}; `undefined` in any other. */
  get guest(): string | undefined {
    return this.ofStore.guest?.name;
  }

  /** What the next commit makes heads say of the trace; and what commits have acknowledged, at once when they have. */
  get told(): S {
    return this.state.told!.now as S;
  }

  get committed(): S {
    return this.state.told!.committed as S;
  }

  /** The committed batches, oldest first. */
  get batches(): readonly Batch<K, V>[] {
    return this.state.stages.committed.entries.map(({ batch }) => batch as Batch<K, V>);
  }

  /** The batches that no commit has acknowledged, oldest first; what is staged is sorted for it. */
  get uncommitted(): readonly Batch<K, V>[] {
    const { intake, stages } = this.state;
    intake.seal();
    const { committing, pending } = stages;
    return [...committing.entries, ...pending.entries].map(({ batch }) => batch as Batch<K, V>);
  }

  /** Bytes of the values in the backend that they lie in. */
  get storedBytes(): number {
    return storedBytesOf(this.state.committedFiles());
  }

  /** No fewer than the rows that are stored, committed or not. */
  get size(): number {
    return this.state.size;
  }

  /** Counts what the trace holds and has done. */
  stats(): TraceStats {
    this.guard();
    return traceStats(this.state);
  }

  /** @throws `ZSPINE_CLOSED` when neither the trace nor the store may be used any more. */
  guard(): void {
    this.state.guard();
  }

  /** Whether it has been dropped, or its store closed. */
  get isGone(): boolean {
    return this.state.isDropped || this.state.gate.isClosed || this.state.gate.hasFailed;
  }

  /** @throws `ZSPINE_NOT_SUPPORTED` when the store is read only; as {@link TraceSeam.guard}. */
  guardWrite(what: string): void {
    this.guard();
    if (!this.isReadOnly) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `cannot ${what} trace ${JSON.stringify(this.name)}: the store was opened with { readOnly: true }`,
    );
  }

  /** Tells something else from now on: it goes with the rows, in the next commit that is called. */
  tell(state: S): void {
    this.state.tell(state);
  }

  /**
   * Edits what is told, whatever commits take: it is in the next head. What the edit is given it must not change, and
   * gives back where there is nothing to change; it may be asked more than once.
   *
   * @param isDiscarded Whether `store.discard()` takes it back, as it does rows: when neither a head nor a commit that was
   *   called covers it.
   */
  edit(edit: (state: S) => S, isDiscarded = false): void {
    this.state.edit(edit as (state: unknown) => unknown, isDiscarded);
  }

  /** Resolves when what was edited is in a head that is acknowledged, of its own if need be. No rows go with it. */
  async settled(): Promise<void> {
    await this.ofStore.makeHead();
  }

  /**
   * Asks the writer for something, in a store that was opened as a guest: what is given to the trace of the same name there,
   * by {@link TraceSeam.serve}. Resolves when a head says that it was done, which has been taken over here.
   *
   * @param what Names it in messages.
   * @throws (rejects with) what that has thrown; `ZSPINE_NOT_SUPPORTED` where the writer has not opened the trace;
   *   `ZSPINE_ABORTED`; `ZSPINE_CLOSED`.
   */
  async ask(asked: Json, what: string, signal: AbortSignal | undefined): Promise<void> {
    this.guard();
    await this.ofStore.guest!.ask(this.name, asked, what, signal);
  }

  /**
   * Has what guests ask given to `take`, in a store that takes that up. It does it at once, by {@link TraceSeam.edit}, for
   * which a head is made, or throws why it does not. What is asked may come again when its writer came to its end: then
   * doing it changes nothing. Anybody may have written what it is given.
   */
  serve(take: (asked: Json) => void): void {
    this.state.served = take;
  }

  /** Inserts rows as they are stored. All or nothing; errors as those of `Trace.insert` and its like. */
  insert(key: K, value: V, weight: number): void {
    this.state.intake.insert(key, value, weight);
  }

  insertAll(rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    this.state.intake.insertAll(rows);
  }

  insertColumns(columns: ColumnarRows<K, V>): void {
    this.state.intake.insertColumns(columns);
  }

  insertZSet(rows: IndexedZSet<K, V>): void {
    this.state.intake.insertZSet(rows);
  }

  /**
   * Opens a reader of what commits have acknowledged, through a lens: it reads the same until it is closed, whatever is
   * committed or merged meanwhile.
   *
   * @param layout What is seen: the key as it is stored, and fewer columns of the value or all.
   * @param open Makes the reader, a {@link CommittedReader} or what extends it.
   */
  read<V2, R>(
    layout: Layout<K, V2>,
    lens: Lens,
    open: (source: ReaderSource<K, V2>, view: View<K, V2>) => R,
  ): R {
    this.guard();
    const { state } = this;
    const { name, seed, counts } = state.context;
    const context = { name, layout, seed, counts, probe: new Probe(layout), lens };
    const { committed } = state.stages;
    const view = new View(context, [committed.entries], undefined, 0, committed.files);
    const { loader, keeper } = state;
    const guard = (): void => {
      state.guard();
    };
    return open({ name, layout: state.layout, context, loader, keeper, guard }, view);
  }

  /** Takes over what another process has committed since, in a store that only reads; listeners are told. */
  async refresh(): Promise<void> {
    await this.ofStore.refresh();
  }

  /**
   * Resolves when another process may have committed since the call, which is taken over then; in a store that only reads.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`; what reading a head fails with.
   */
  async nextHead(signal: AbortSignal | undefined): Promise<void> {
    await this.ofStore.nextHead(signal);
  }

  /**
   * Calls `listener` whenever a commit that the trace has taken part in has been acknowledged, and what was not
   * committed has been discarded, until what is returned is called. It must not throw.
   */
  onCommit(listener: () => void): () => void {
    const { commitListeners } = this.state;
    commitListeners.add(listener);
    return () => commitListeners.delete(listener);
  }
}
