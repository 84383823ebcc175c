import {
  checkValidates,
  layoutOf,
  quote,
  quoteNames,
  throwIfAborted,
  ZspineError,
  type Backend,
  type HashSeed,
  type Infer,
  type Layout,
  type Schema,
} from "@zspine/core";
import { Emitter, type StoreEvents } from "../events/events.ts";
import { copyMetadata, type Metadata } from "../head/head.ts";
import { HeadWriter } from "../head/head-writer.ts";
import { checkNames, type CheckedOptions } from "../options/store-options.ts";
import { otherSchema, Trace } from "../trace/trace.ts";
import { TraceState } from "../trace/trace-state.ts";
import { Background } from "./background.ts";
import { CommitQueue, type CommitRequest } from "./commit-queue.ts";
import { Committer } from "./committer.ts";
import { storeStats, type StoreStats } from "./store-stats.ts";

type AnyState = TraceState<unknown, unknown>;
type AnyTrace = Trace<unknown, unknown>;

/** What a trace holds. */
export interface TraceOptions<K extends Schema, V extends Schema> {
  /** Schema of the keys: what rows are ordered and found by. */
  readonly key: K;
  /** Schema of the values. */
  readonly value: V;
  /** Whether every row is also parsed by the schemas, refinements and all; off by default, for it is slow. */
  readonly validate?: boolean;
}

/** How to commit. */
export interface CommitOptions {
  /** Replaces the store's metadata in the same atomic step; what JSON holds. */
  readonly metadata?: Metadata;
  /** `sync` (the default) survives power loss, `relaxed` a killed process; as far as the backend is durable. */
  readonly durability?: "sync" | "relaxed";
  /** Takes the commit back as long as it has not begun to write. */
  readonly signal?: AbortSignal;
}

/** How to do long work. */
export interface WorkOptions {
  /** Ends the work with `ZSPINE_ABORTED`; what was done by then stays done. */
  readonly signal?: AbortSignal;
  /** Told after each slice, and at the end, how much is left. */
  readonly onProgress?: (progress: WorkProgress) => void;
}

/** How far long work has come. */
export interface WorkProgress {
  readonly mergesInProgress: number;
  readonly batches: number;
}

/**
 * Named traces over one backend, committed together. Use `openStore()`, and `close()` when done, or
 * declare it with `await using`.
 *
 * After `close` every method throws or rejects with `ZSPINE_CLOSED`.
 */
export class Store implements AsyncDisposable {
  private readonly backend: Backend;
  private readonly options: CheckedOptions;
  private readonly states = new Map<string, { readonly state: AnyState; readonly trace: AnyTrace }>();
  private readonly events = new Emitter<StoreEvents>();
  private readonly heads: HeadWriter;
  private readonly committer: Committer;
  private readonly queue: CommitQueue;
  private readonly background: Background;
  private readonly seed: HashSeed;
  private stalls = 0;
  private closing: Promise<void> | undefined;

  /** Use `openStore()`. */
  constructor(backend: Backend, options: CheckedOptions) {
    const { environment, sliceMs } = options;
    this.backend = backend;
    this.options = options;
    this.seed = { k0: environment.random(), k1: environment.random() };
    this.heads = new HeadWriter(backend, 0);
    this.committer = new Committer({
      heads: this.heads,
      events: this.events,
      writer: Array.from({ length: 4 }, () => environment.random().toString(16).padStart(8, "0")).join(""),
      states: () => this.allStates(),
      waitForMerges: () => this.waitForMerges(),
      forget: (state) => {
        // There may be another by the name, where a trace was dropped twice.
        if (this.states.get(state.name)?.state === state) this.states.delete(state.name);
      },
    });
    this.queue = new CommitQueue((group) => this.committer.commit(group));
    this.background = new Background(environment, sliceMs, { work: (fuel) => this.work(fuel) });
  }

  /** The metadata of the last acknowledged commit; `{}` before there was one with metadata. */
  get metadata(): Metadata {
    return this.committer.metadata;
  }

  /** Names of the traces, sorted. */
  get traces(): string[] {
    this.guard();
    return [...this.states.keys()].sort();
  }

  /**
   * Opens a trace, creating it when there is none of the name. The same handle each time.
   *
   * @throws (rejects with) `ZSPINE_SCHEMA` when it is there with other schemas, `ZSPINE_INVALID_OPTIONS`
   *   and `ZSPINE_NOT_SUPPORTED` for schemas without columns, `ZSPINE_UNKNOWN_NAME` when it is to be
   *   opened without schemas and is not there.
   */
  async trace(name: string): Promise<AnyTrace>;
  async trace<K extends Schema, V extends Schema>(
    name: string,
    options: TraceOptions<K, V>,
  ): Promise<Trace<Infer<K>, Infer<V>>>;
  async trace(name: string, options?: TraceOptions<Schema, Schema>): Promise<unknown> {
    this.guard();
    checkName(name);
    const existing = this.states.get(name);
    if (options === undefined) {
      if (existing !== undefined) return existing.trace;
      throw new ZspineError(
        "ZSPINE_UNKNOWN_NAME",
        `there is no trace ${quote(name)}; known: ${quoteNames(this.states.keys())}; pass { key, value } schemas to create it`,
      );
    }
    checkNames(options, "trace", ["key", "value", "validate"]);
    if (options.value === undefined) {
      const message = "value: expected a zod schema; z.undefined() for a trace that has only keys";
      throw new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: ["value"] });
    }
    const layout = layoutOf(options.key, options.value);
    if (options.validate === true) checkValidates([options.key, options.value]);
    if (existing === undefined) return this.create(name, layout, options.validate === true);
    const { fingerprint } = existing.state.layout;
    if (fingerprint !== layout.fingerprint) throw otherSchema(name, fingerprint, layout.fingerprint);
    if (options.validate !== undefined && options.validate !== existing.trace.validates) {
      const message = `trace.validate: ${quote(name)} is open with validate: ${existing.trace.validates}; leave it out, or open it so first`;
      throw new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: ["trace", "validate"] });
    }
    return existing.trace;
  }

  /** Tells whether there is a trace of the name. */
  has(name: string): boolean {
    this.guard();
    return this.states.has(name);
  }

  /**
   * Drops a trace with all its rows, by a commit of its own; other traces' uncommitted rows stay so. Its
   * handle and snapshots are closed by it.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, or as `commit`; the trace stays then.
   */
  async drop(name: string): Promise<void> {
    this.guard();
    const existing = this.states.get(name);
    if (existing === undefined) {
      throw new ZspineError(
        "ZSPINE_UNKNOWN_NAME",
        `there is no trace ${quote(name)}; known: ${quoteNames(this.states.keys())}`,
      );
    }
    await this.enqueue({}, existing.state, new Map());
    this.events.emit("drop", { trace: name });
  }

  /**
   * Makes all rows that were inserted before the call last, in every trace, and the metadata with them: all
   * or nothing. Resolves to the commit's number when it is acknowledged. Calls while another is in flight
   * are answered together by the next one. Waits first when merging has fallen behind.
   *
   * Rejected with a determinate error, it did not happen, and its rows are kept for the next commit; with
   * an indeterminate one (`ZSPINE_IO`, the medium did not even answer), the next commit finds out first.
   *
   * @throws (rejects with) `ZSPINE_IO`, `ZSPINE_CONFLICT` when another writer was first, `ZSPINE_ABORTED`,
   *   `ZSPINE_INVALID_OPTIONS`.
   */
  async commit(options: CommitOptions = {}): Promise<number> {
    this.guard();
    checkCommit(options);
    throwIfAborted(options.signal, "the commit");
    const metadata = options.metadata === undefined ? undefined : copyMetadata(options.metadata);
    // The rows are told apart here, not when the commit's turn comes, so that later ones are not in it.
    const cuts = new Map<AnyState, number>();
    for (const state of this.allStates()) cuts.set(state, state.holdCut());
    return this.enqueue(metadata === undefined ? options : { ...options, metadata }, undefined, cuts);
  }

  /** Drops the rows of all traces that no call of `commit` covers. Gives how many distinct rows that were. */
  discard(): number {
    this.guard();
    let rows = 0;
    for (const state of this.allStates()) rows += state.discard();
    this.events.emit("discard", { rows });
    return rows;
  }

  /**
   * Merges every trace into as few batches as may be: without snapshots one of the committed rows, and one
   * of the others. Equal rows are added up and zeros dropped, so that `count()` is free afterwards.
   */
  async compact(options: WorkOptions = {}): Promise<void> {
    this.guard();
    for (const state of this.allStates()) {
      state.seal();
      await this.workUntil(options, () => state.mergesInProgress === 0);
      // Once, but for traces of more batches than one merge takes.
      for (let before = Infinity; state.batchCount < before;) {
        before = state.batchCount;
        for (const spine of state.spines) spine.beginAll();
        await this.workUntil(options, () => state.mergesInProgress === 0);
      }
    }
  }

  /** Finishes the merges that are due; resolves when the store is at rest. */
  async finishMerges(options: WorkOptions = {}): Promise<void> {
    this.guard();
    await this.workUntil(options, () => false);
  }

  /** Counts what the store holds and has done. */
  stats(): StoreStats {
    this.guard();
    return storeStats(this.heads.number, { ...this.committer.counts, stalls: this.stalls }, this.allStates());
  }

  /** Calls `listener` at each event of the name, until what is returned is called. */
  on<Name extends keyof StoreEvents>(name: Name, listener: (event: StoreEvents[Name]) => void): () => void {
    this.guard();
    return this.events.on(name, listener);
  }

  /** Closes the store after the commits in flight; rows that no commit has taken are dropped. Idempotent. */
  async close(): Promise<void> {
    this.closing ??= this.closeNow();
    await this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async closeNow(): Promise<void> {
    this.background.stop();
    await this.queue.settled();
    let discardedRows = 0;
    for (const state of this.allStates()) discardedRows += state.discard();
    await this.backend.close();
    this.events.emit("close", { discardedRows });
  }

  private guard(): void {
    if (this.closing === undefined) return;
    throw new ZspineError("ZSPINE_CLOSED", "the store is closed; open it again with openStore()");
  }

  private create(name: string, layout: Layout, validates: boolean): AnyTrace {
    const state: AnyState = new TraceState(name, layout, {
      strategy: this.options.strategy,
      stagingRows: this.options.stagingRows,
      seed: this.seed,
      onMerge: (report) => {
        this.events.emit("merge", { trace: name, ...report });
      },
      onWork: () => {
        this.background.wake();
      },
    });
    const guard = (): void => {
      this.guard();
      if (!state.isDropped) return;
      throw new ZspineError(
        "ZSPINE_CLOSED",
        `the trace ${quote(name)} was dropped; open it anew with store.trace()`,
      );
    };
    const release = (boundary: number): void => {
      state.release(boundary);
    };
    const trace: AnyTrace = new Trace(state, { guard, release }, validates);
    this.states.set(name, { state, trace });
    return trace;
  }

  private enqueue(
    options: CommitOptions,
    drops: AnyState | undefined,
    cuts: CommitRequest["cuts"],
  ): Promise<number> {
    const { metadata, durability = "sync", signal } = options;
    return new Promise((resolve, reject) => {
      this.queue.push({ metadata, durability, drops, cuts, signal, resolve, reject });
    });
  }

  private allStates(): AnyState[] {
    return [...this.states.values()].map(({ state }) => state);
  }

  private async waitForMerges(): Promise<void> {
    const { batchesMax } = this.options;
    for (const state of this.allStates()) {
      if (state.batchCount <= batchesMax) continue;
      this.stalls++;
      this.events.emit("stall", { trace: state.name, batches: state.batchCount });
      await this.background.runUntil(() => state.batchCount <= batchesMax, undefined);
    }
  }

  private work(fuel: number): number {
    let left = fuel;
    for (const state of this.allStates()) {
      for (const spine of state.spines) left = spine.work(left);
      if (left <= 0) return left;
    }
    return left;
  }

  private async workUntil({ signal, onProgress }: WorkOptions, isDone: () => boolean): Promise<void> {
    const tell = (): void => onProgress?.(this.progress());
    const isOver = (): boolean => {
      this.guard();
      return isDone();
    };
    await this.background.runUntil(isOver, signal, tell);
    // The last slice may have been the background's own.
    tell();
  }

  private progress(): WorkProgress {
    const states = this.allStates();
    return {
      mergesInProgress: states.reduce((sum, state) => sum + state.mergesInProgress, 0),
      batches: states.reduce((sum, state) => sum + state.batchCount, 0),
    };
  }
}

const NAME_LENGTH_MAX = 200;

function checkName(name: unknown): asserts name is string {
  const isName =
    typeof name === "string" &&
    name.length > 0 &&
    name.length <= NAME_LENGTH_MAX &&
    !/[\p{Cc}\p{Cs}]/u.test(name);
  if (isName) return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `name: expected 1 to ${NAME_LENGTH_MAX} characters without control characters, found ${quote(name)}`,
    { path: ["name"] },
  );
}

function checkCommit(options: CommitOptions): void {
  checkNames(options, "commit", ["metadata", "durability", "signal"]);
  const { durability, signal } = options;
  if (
    signal !== undefined &&
    typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== "function"
  ) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `commit.signal: expected an AbortSignal, found ${quote(signal)}`,
      { path: ["commit", "signal"] },
    );
  }
  if (durability === undefined || durability === "sync" || durability === "relaxed") return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `commit.durability: expected "sync" or "relaxed", found ${quote(durability)}`,
    {
      path: ["commit", "durability"],
    },
  );
}
