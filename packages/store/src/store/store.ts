import {
  deflate,
  throwIfAborted,
  ZspineError,
  type Backend,
  type BackendOpener,
  type Infer,
  type Layout,
  type Schema,
} from "@zspine/core";
import { type HashSeed } from "@zspine/core/engine";
import { Scheduler } from "../merge/scheduler.ts";
import { checkListener, Emitter, type StoreEvents } from "../events/events.ts";
import { copyMetadata, type Metadata } from "../head/metadata.ts";
import { Gate } from "../gate/gate.ts";
import { HeadWriter } from "../head/head-writer.ts";
import { Manifest } from "../head/manifest.ts";
import { refuseArgument } from "../options/no-argument.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import type { CopyOptions } from "../recovery/copy-head.ts";
import type { Recovered, RecoveryReport } from "../recovery/recover.ts";
import { Verifier, type VerifyOptions, type VerifyReport } from "../recovery/verify.ts";
import { ValueKeeper } from "../tier/value-keeper.ts";
import { BatchNames } from "../tier/batch-names.ts";
import { BatchWriter } from "../tier/batch-writer.ts";
import { Ledger } from "../tier/ledger.ts";
import { Loader } from "../tier/loader.ts";
import { Spiller } from "../tier/spiller.ts";
import type { Trace } from "../trace/trace.ts";
import type { TraceState } from "../trace/trace-state.ts";
import { backUp, checkBackup } from "./back-up.ts";
import { CommitQueue, type CommitRequest } from "./commit-queue.ts";
import { readCommit, type CommitSnapshot } from "./commit-snapshot.ts";
import { checkCommit, checkDrop, type CommitOptions, type DropOptions } from "./commit-options.ts";
import { Committer } from "./committer.ts";
import { storeStats, type StoreStats } from "./store-stats.ts";
import { placeTier } from "./store-tier.ts";
import { NamedFiles } from "./named-files.ts";
import type { TraceOptions } from "./trace-options.ts";
import { checkName, TraceTable, type NamedTrace } from "./trace-table.ts";
import { chooseWriter, listForeign, looksForOrphans } from "./writer-names.ts";
import { checkWork, progressOf, type WorkOptions } from "./work-options.ts";

type AnyState = TraceState<unknown, unknown>;
type AnyTrace = Trace<unknown, unknown>;

/**
 * Named traces over one backend, committed together. Use `openStore()`, and `close()` when done, or
 * declare it with `await using`.
 *
 * After `close` every method throws or rejects with `ZSPINE_CLOSED`; and so it does, with the error as `cause`, once
 * an error inside has left the store in doubt, which nothing is written of any more: close it, and open it again.
 */
export class Store implements AsyncDisposable {
  /** What was found when the store was opened, and what was done about it. */
  readonly recovery: RecoveryReport;
  private readonly gate = new Gate();
  private readonly backend: Backend;
  private readonly options: CheckedOptions;
  private readonly table: TraceTable;
  private readonly events = new Emitter<StoreEvents>();
  private readonly heads: HeadWriter;
  private readonly committer: Committer;
  private readonly queue: CommitQueue;
  private readonly scheduler: Scheduler;
  private readonly spiller: Spiller;
  private readonly keeper: ValueKeeper;
  private readonly loader: Loader;
  private readonly named: NamedFiles;
  /** Bytes that merges have written, and of those that they have made superfluous since a head was made. */
  private readonly merged = { bytesWritten: 0, unnamedBytes: 0 };
  private stalls = 0;
  private closing: Promise<void> | undefined;

  /** Use `openStore()`. */
  // long: every part of a store meets the others here, once
  constructor(backend: Backend, options: CheckedOptions, found: Recovered) {
    const { environment, compression, serializer, cacheBytes } = options;
    const random = (): number => environment.random();
    const { durable } = backend.capabilities;
    const seed: HashSeed = found.head?.seed ?? { k0: random(), k1: random() };
    const writerId = Array.from({ length: 4 }, () => random().toString(16).padStart(8, "0")).join("");
    const guarded = this.gate.guard(backend);
    this.backend = guarded;
    this.options = options;
    this.recovery = found.report;
    this.heads = new HeadWriter(guarded, found.newest);
    const compressions = [...(compression === undefined ? [] : [compression]), deflate()];
    const ledger = new Ledger(cacheBytes);
    const loader = new Loader(backend, ledger, compressions);
    this.loader = loader;
    this.keeper = new ValueKeeper((name) => {
      ledger.drop(name);
    });
    const { keeper, events, gate, heads } = this;
    const names = new BatchNames(chooseWriter(random, found.names));
    const { preferredValueBytes: valueBytes } = backend.capabilities;
    const writer = { seed, names, compression, valueBytes, ledger };
    const newStoredSink = durable
      ? (name: string, layout: Layout): BatchWriter => new BatchWriter(name, layout, writer)
      : undefined;
    this.scheduler = this.newScheduler();
    const onWork = (): void => {
      this.scheduler.wake();
    };
    const shared = { options, newStoredSink, seed, keeper, loader, events, gate, onWork };
    this.table = new TraceTable(shared, found.traces);
    const stored = found.head?.serializer ?? null;
    const identity = {
      writer: writerId,
      epoch: (found.head?.epoch ?? 0) + 1,
      seed,
      serializer: serializer === undefined ? stored : { name: serializer.name, id: serializer.id },
    };
    const rows = durable ? { backend: guarded, environment, loader, writer } : undefined;
    const { table, merged: merges } = this;
    const waitForMerges = (states: Iterable<AnyState>): Promise<void> => this.waitForMerges(states);
    const { head } = found;
    const manifest = durable ? new Manifest(head, found.tables, () => names.next().id) : undefined;
    const ofTraces = found.traces.map(
      ({ head: { name }, batches }) => [name, batches.map(({ file }) => file)] as const,
    );
    const files = (this.named = new NamedFiles(keeper, ofTraces, head?.tables ?? [], found.previous));
    const listOrphans = looksForOrphans(backend, found)
      ? () => listForeign(backend, names.writer)
      : undefined;
    const spiller = new Spiller({ backend, keeper, loader, encoding: writer, names });
    this.spiller = spiller;
    placeTier(this, { spiller, traces: () => table.states });
    const { checksum, heads: kept } = found;
    const shares = { heads, events, gate, keeper, rows, identity, table, manifest, files, merges };
    this.committer = new Committer(
      { ...shares, waitForMerges, listOrphans },
      { checksum, heads: kept, commit: head?.commit ?? 0, metadata: copyMetadata(head?.metadata ?? {}) },
    );
    this.queue = new CommitQueue(gate, (group) => this.committer.commit(group));
  }

  private newScheduler(): Scheduler {
    const { backend, loader, keeper, events, gate, merged } = this;
    const { environment, sliceMs } = this.options;
    return new Scheduler({
      backend,
      environment,
      loader,
      keeper,
      sliceMs,
      traces: () => this.table.working,
      onWritten: (bytes, superfluous) => {
        merged.bytesWritten += bytes;
        merged.unnamedBytes += superfluous;
      },
      onFailure: (trace, error) => {
        events.emit("mergeFailure", { trace, error });
      },
      whole: (work) => {
        gate.whole(work);
      },
      onRest: () => {
        this.nameMerges();
      },
    });
  }

  /** The metadata of the last acknowledged commit; `{}` before there was one with metadata. */
  get metadata(): Metadata {
    return this.committer.metadata;
  }

  /** Names of the traces, sorted. */
  get traces(): string[] {
    this.guard();
    return this.table.names;
  }

  /**
   * Opens a trace, the same handle each time. Where there is none of the name it is created, if the store held no
   * traces when it was opened, or with `create: true`.
   *
   * @throws (rejects with) `ZSPINE_SCHEMA` when it is there with other schemas, `ZSPINE_INVALID_OPTIONS`
   *   and `ZSPINE_NOT_SUPPORTED` for schemas without columns, `ZSPINE_UNKNOWN_NAME` when it is not there
   *   and not to be created, or to be opened without schemas.
   */
  async trace(name: string): Promise<AnyTrace>;
  async trace<K extends Schema, V extends Schema>(
    name: string,
    options: TraceOptions<K, V>,
  ): Promise<Trace<Infer<K>, Infer<V>>>;
  async trace(name: string, options?: TraceOptions<Schema, Schema>): Promise<unknown> {
    this.guard();
    checkName(name);
    return options === undefined ? this.table.get(name) : this.table.getOrCreate(name, options);
  }

  /** Tells whether there is a trace of the name. */
  has(name: string): boolean {
    this.guard();
    checkName(name);
    return this.table.has(name);
  }

  /**
   * Drops a trace with all its rows, by a commit of its own; other traces' uncommitted rows stay so. Its
   * handle and snapshots are closed by it. What is dropped is the trace that has the name at the call: while one call
   * is under way another waits for it, to find no such trace when it was dropped, and to drop it when that failed.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, or as `commit`; the trace stays then.
   */
  async drop(name: string, options: DropOptions = {}): Promise<void> {
    this.guard();
    checkName(name);
    checkDrop(options);
    this.checkWritable("drop a trace");
    await this.table.drop(name, async (trace) => {
      this.guard();
      throwIfAborted(options.signal, "the drop");
      await this.enqueue(options, new Map(), trace);
      this.events.emit("drop", { trace: name });
    });
  }

  /**
   * Makes all rows that were inserted before the call last, in every trace, and the metadata with them: all
   * or nothing. Resolves, when it is acknowledged, to the commit's token, its number: see {@link Store.at}.
   * Calls while another is in flight are answered together by the next one. Waits first when merging has
   * fallen behind.
   *
   * Rejected with a determinate error, it did not happen, and its rows are kept for the next commit; with
   * an indeterminate one (`ZSPINE_IO`, the medium did not even answer), the next commit finds out first.
   *
   * @throws (rejects with) `ZSPINE_IO`, `ZSPINE_CONFLICT` when another writer was first, `ZSPINE_ABORTED`,
   *   `ZSPINE_INVALID_OPTIONS`.
   */
  async commit<M extends object = Metadata>(options: CommitOptions<M> = {}): Promise<number> {
    this.guard();
    checkCommit(options);
    this.checkWritable("commit");
    throwIfAborted(options.signal, "the commit");
    const metadata = options.metadata === undefined ? undefined : copyMetadata(options.metadata);
    // The rows are told apart here, not when the commit's turn comes, so that later ones are not in it.
    const cuts = this.table.holdCuts();
    const number = await this.enqueue({ ...options, metadata }, cuts);
    this.scheduler.resume();
    return number;
  }

  /**
   * Reads a commit: its metadata and its rows, all of one moment, whatever was inserted since. `token` is what the
   * commit resolved to, or its event told. The newest commit can be read, after reopening the store too; keep the reader
   * open for as long as it is needed.
   *
   * @throws `ZSPINE_TIME_PASSED` when others have been made since, naming the newest; `ZSPINE_INVALID_OPTIONS` for what
   *   is no token of this store.
   */
  at(token: number): CommitSnapshot {
    this.guard();
    return readCommit(token, this.committer, this.table.handles);
  }

  /** Drops the rows of all traces that no call of `commit` covers. Gives how many distinct rows that were. */
  discard(): number {
    this.guard();
    refuseArgument("discard", arguments[0], "it drops the rows of all traces");
    const { states } = this.table;
    // What can fail is done for all of them before anything is dropped.
    for (const state of states) state.intake.seal();
    let rows = 0;
    for (const state of states) rows += state.discard();
    this.events.emit("discard", { rows });
    return rows;
  }

  /**
   * Merges every trace into as few batches as may be: without snapshots one of the committed rows, and one
   * of the others. Equal rows are added up and zeros dropped, so that `count()` is free afterwards.
   */
  async compact(options: WorkOptions = {}): Promise<void> {
    this.guard();
    checkWork(options, "compact");
    this.checkWritable("compact");
    for (const state of this.table.states) {
      state.intake.seal();
      await this.workUntil(options, () => state.mergesInProgress === 0);
      // Once, but for traces of more batches than one merge takes.
      for (let before = Infinity; state.batchCount < before;) {
        before = state.batchCount;
        for (const spine of state.spines) spine.beginAll();
        this.table.wake(state);
        await this.workUntil(options, () => state.mergesInProgress === 0);
      }
    }
    if (!this.backend.capabilities.durable) return;
    // Two heads, synced, for what was merged stays as long as a kept head names it, or the newest synced one.
    if (this.merged.unnamedBytes > 0 || !this.named.isSynced) {
      await this.makeHead();
      await this.makeHead();
    }
    await this.removeGarbage();
  }

  /** Finishes the merges that are due; resolves when the store is at rest. */
  async finishMerges(options: WorkOptions = {}): Promise<void> {
    this.guard();
    checkWork(options, "finishMerges");
    await this.workUntil(options, () => false);
  }

  /**
   * Makes what relaxed commits have acknowledged survive power loss too, and names the merges that are
   * finished, so that reopening does not make them again. Uncommitted rows stay so.
   */
  async flush(options: WorkOptions = {}): Promise<void> {
    this.guard();
    checkWork(options, "flush");
    this.checkWritable("flush");
    await this.queue.settled();
    throwIfAborted(options.signal, "flush");
    if (this.heads.number > 0) await this.makeHead(options.signal);
    options.onProgress?.(progressOf(this.table.states));
  }

  /**
   * Checks every byte that the two newest heads name: checksums, identities, the order of rows, the sums of
   * weights, filters; for traces that nobody has opened, too. Damage is in the report, and does not reject.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`, `ZSPINE_IO` for what cannot be read.
   */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    this.guard();
    checkWork(options, "verify");
    const held = this.committer.holdHeads();
    try {
      const verifier = new Verifier(this.backend, this.loader.compressions, options);
      const isKept = (number: number): boolean => this.committer.kept.some((head) => head.number === number);
      return await verifier.verify(held.heads, isKept);
    } finally {
      held.release();
    }
  }

  /**
   * Copies what is committed to an empty backend, of the same kind or another, checking it on the way. The store
   * may be written to meanwhile; what it commits then is not in the copy. Restoring is the same the other way
   * round: open a store over the copy, or `restoreStore()` it to where it is to be. A copy numbers its commits itself:
   * what it was made of is its commit 1, with the metadata that it had.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` when the target holds a store already; `ZSPINE_CORRUPT`, and nothing
   *   is there then to be opened; `ZSPINE_ABORTED`; what either backend fails with.
   */
  async backup(to: Backend | BackendOpener, options: CopyOptions = {}): Promise<void> {
    this.guard();
    checkBackup(to, options);
    await this.queue.settled();
    await backUp({ backend: this.backend, committer: this.committer }, to, options);
  }

  /** Counts what the store holds and has done. */
  stats(): StoreStats {
    this.guard();
    refuseArgument("stats", arguments[0], "of one trace there is trace.stats()");
    return storeStats({
      head: this.heads.number,
      commits: { ...this.committer.counts, stalls: this.stalls },
      states: this.table.states,
      storedBytes: this.keeper.bytes,
      mergeBytesWritten: this.merged.bytesWritten,
      spillBytesWritten: this.spiller.bytesWritten,
      ledger: this.loader.ledger,
    });
  }

  /**
   * Calls `listener` at each event of the name, until what is returned is called. Events are told in their order, in
   * a microtask soon after the call in which they happen, and before a promise that tells the same is settled; a
   * listener may call anything, and what it throws is reported as an uncaught error.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for an event that there is not, or a listener that is no function.
   */
  on<Name extends keyof StoreEvents>(name: Name, listener: (event: StoreEvents[Name]) => void): () => void {
    this.guard();
    checkListener(name, listener);
    return this.events.on(name, listener);
  }

  /** Closes the store after the commits in flight; rows that no commit has taken are dropped. Idempotent. */
  async close(): Promise<void> {
    this.gate.close();
    this.closing ??= this.closeNow();
    await this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async closeNow(): Promise<void> {
    await this.queue.settled();
    await this.committer.settled();
    await this.scheduler.stop();
    await this.spiller.stop();
    const discardedRows = this.table.states.reduce((rows, state) => rows + state.discardAtEnd(), 0);
    // Nothing that is committed depends on what is tidied up here; a next opening does it else.
    await this.tidyUp().catch(() => undefined);
    await this.backend.close();
    this.events.emit("close", { discardedRows });
  }

  /** Names merges that would have to be made again, and removes what nobody needs. */
  private async tidyUp(): Promise<void> {
    if (this.gate.hasFailed || this.heads.isUnsettled) return;
    if (!this.backend.capabilities.durable || this.options.isReadOnly) return;
    if (this.merged.unnamedBytes >= HEAD_WORTH_BYTES) await this.makeHead();
    await this.removeGarbage();
  }

  private guard(): void {
    this.gate.check();
  }

  /** @throws `ZSPINE_NOT_SUPPORTED` when the store is read only. */
  private checkWritable(what: string): void {
    if (!this.options.isReadOnly) return;
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `cannot ${what}: the store was opened with { readOnly: true }`,
    );
  }

  private enqueue(
    options: CommitOptions,
    cuts: CommitRequest["cuts"],
    drops?: NamedTrace,
    isMaintenance = false,
  ): Promise<number> {
    const { metadata, durability = "sync", signal } = options;
    return new Promise((resolve, reject) => {
      this.queue.push({ metadata, durability, drops, isMaintenance, cuts, signal, resolve, reject });
    });
  }

  /** Makes a head of what there is, without rows of a user's. */
  private async makeHead(signal?: AbortSignal): Promise<void> {
    await this.enqueue({ signal }, new Map(), undefined, true);
  }

  /** Makes a head of its own for merges that are finished, when it is worth it: else the next commit names them. */
  private nameMerges(): void {
    if (this.closing !== undefined || this.merged.unnamedBytes < HEAD_WORTH_BYTES) return;
    // A failure is the next commit's to tell: nothing is lost by it.
    this.makeHead().catch(() => undefined);
  }

  /**
   * Removes what no kept head needs, unless a power cut may yet take the newest one: what the newest synced head names
   * is held and never garbage, but what the one before that names may be.
   */
  private async removeGarbage(): Promise<void> {
    if (!this.named.isSynced) return;
    const names = this.keeper.takeGarbage();
    if (names.length === 0) return;
    try {
      await this.backend.write(names.map((name) => ({ type: "remove", name })));
    } catch (error) {
      this.keeper.discard(names);
      throw error;
    }
  }

  private async waitForMerges(states: Iterable<AnyState>): Promise<void> {
    const { batchesMax } = this.options;
    for (const state of states) {
      if (state.batchesAtCommit <= batchesMax) continue;
      this.stalls++;
      this.events.emit("stall", { trace: state.name, batches: state.batchCount });
      const isDone = (): boolean => state.batchesAtCommit <= batchesMax;
      try {
        await this.scheduler.runUntil(isDone, undefined);
      } catch (error) {
        // Merging that fails, on a full disk say, does not keep rows from being committed; it has been told of.
        if (this.gate.hasFailed) throw error;
      }
    }
  }

  private async workUntil({ signal, onProgress }: WorkOptions, isDone: () => boolean): Promise<void> {
    const tell = (): void => onProgress?.(progressOf(this.table.states));
    const isOver = (): boolean => {
      this.guard();
      return isDone();
    };
    await this.scheduler.runUntil(isOver, signal, tell);
    // The last slice may have been the background's own.
    tell();
  }
}

/** Bytes made superfluous by merges for which a head is made that no commit has asked for. */
const HEAD_WORTH_BYTES: number = 1024 * 1024;
