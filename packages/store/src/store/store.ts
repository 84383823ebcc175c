import {
  refused,
  throwIfAborted,
  ZspineError,
  type Backend,
  type BackendOpener,
  type Infer,
  type Schema,
} from "@zspine/core";
import { checkListener, type StoreEvents } from "../events/events.ts";
import type { Metadata } from "../head/metadata.ts";
import { refuseArgument } from "../options/no-argument.ts";
import { checkWritable } from "../options/store-options.ts";
import type { CopyOptions } from "../recovery/copy-head.ts";
import type { RecoveryReport } from "../recovery/recovered.ts";
import type { VerifyOptions, VerifyReport } from "../recovery/verify.ts";
import type { Trace } from "../trace/trace.ts";
import type { TraceDescription } from "../trace/trace-description.ts";
import type { StoreParts } from "./assemble.ts";
import { checkBackup, checkStored } from "./backup-options.ts";
import { checkCommit, checkDrop, type CommitOptions, type DropOptions } from "./commit-options.ts";
import { checkToken, commitPassed, CommitSnapshot } from "./commit-snapshot.ts";
import type { StoreClone } from "./clone-book.ts";
import type { HoldOptions, StoreHold } from "./hold-book.ts";
import { loadStoredHalf } from "./load-stored-half.ts";
import { storeStats, type StoreStats } from "./store-stats.ts";
import { placeParts } from "./store-parts.ts";
import { placeTier } from "./store-tier.ts";
import type { TraceOptions } from "./trace-options.ts";
import { checkName } from "./trace-table.ts";
import {
  checkSpill,
  checkWait,
  checkWork,
  type SpillOptions,
  type WaitOptions,
  type WorkOptions,
} from "./work-options.ts";

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
  private readonly parts: StoreParts;
  private closing: Promise<void> | undefined;

  /** Use `openStore()`. */
  constructor(parts: StoreParts) {
    const { recovery, loader, stored, table } = parts;
    this.parts = parts;
    this.recovery = recovery;
    const { environment, serializer } = parts.options;
    const { ledger } = loader;
    placeParts(this, parts);
    placeTier(this, {
      spiller: stored?.spiller,
      ledger,
      table,
      serializer,
      environment,
      traces: () => table.states,
    });
  }

  /** The metadata of the last acknowledged commit; `{}` before there was one with metadata. */
  get metadata(): Metadata {
    return this.parts.committer.metadata;
  }

  /** The token of the newest acknowledged commit, which {@link Store.at} can read; 0 before there was one. */
  get token(): number {
    return this.parts.committer.last;
  }

  /** Names of the traces, sorted. */
  get traces(): string[] {
    this.guard();
    return this.parts.table.names;
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
    const { table } = this.parts;
    return options === undefined ? table.get(name) : table.getOrCreate(name, options);
  }

  /** Tells whether there is a trace of the name. */
  has(name: string): boolean {
    this.guard();
    checkName(name);
    return this.parts.table.has(name);
  }

  /**
   * Tells what is known of a trace, also of one that nobody has opened: its kind, the types of its columns, how much it
   * holds. For programs that meet stores whose schemas they do not have. Reads nothing, and opens nothing.
   *
   * ```ts
   * store.describe("orders").fingerprint; // int32 -> {"customer":text,"total":number}
   * ```
   *
   * @throws `ZSPINE_UNKNOWN_NAME`, with the names there are; `ZSPINE_INVALID_OPTIONS` for what is no name.
   */
  describe(name: string): TraceDescription {
    this.guard();
    checkName(name);
    return this.parts.table.describe(name);
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
    const { signal } = checkDrop(options);
    const { events, options: ofStore, queue, table } = this.parts;
    checkWritable(ofStore, "drop a trace");
    await table.drop([name], async (drops) => {
      this.guard();
      throwIfAborted(signal, "the drop");
      await queue.push({ drops, signal });
      events.emit("drop", { trace: name });
    });
  }

  /**
   * Makes all rows that were inserted before the call last, in every trace, and the metadata with them: all
   * or nothing. Resolves, when it is acknowledged, to the commit's token, its number: see {@link Store.at}.
   * Calls while another is in flight are answered together by the next one. Waits first when merging has
   * fallen behind. Traces of `drops` are dropped in the same step, as by {@link Store.drop}.
   *
   * Rejected with a determinate error, it did not happen, and its rows are kept for the next commit; with
   * an indeterminate one (`ZSPINE_IO`, the medium did not even answer), the next commit finds out first.
   *
   * @throws (rejects with) `ZSPINE_IO`, `ZSPINE_CONFLICT` when another writer was first, `ZSPINE_ABORTED`,
   *   `ZSPINE_INVALID_OPTIONS`; `ZSPINE_UNKNOWN_NAME` for a trace to be dropped that is not there.
   */
  async commit<M extends object = Metadata>(given: CommitOptions<M> = {}): Promise<number> {
    this.guard();
    const { metadata, durability = "sync", drops: names = [], signal } = checkCommit(given);
    checkWritable(this.parts.options, "commit");
    const { events, queue, scheduler, table } = this.parts;
    return table.drop(names, async (drops) => {
      this.guard();
      throwIfAborted(signal, "the commit");
      // The rows are told apart here, not when the commit's turn comes, so that later ones are not in it.
      const cuts = table.holdCuts();
      const number = await queue.push({ metadata, durability, drops, cuts, signal });
      scheduler.resume();
      for (const { name } of drops) events.emit("drop", { trace: name });
      return number;
    });
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
    const { last, metadata } = this.parts.committer;
    checkToken("at", token, last);
    if (token !== last) throw commitPassed(token, last);
    return this.readCommit(token, metadata);
  }

  /**
   * Holds a commit under a name: what has changed since can be asked for as long as it is held, over restarts too.
   * Resolves, when that will survive them, to the commit's token: the newest, or `at`. The name of a hold that is there
   * moves on to the commit; its lease begins anew, also where it stays. No rows are copied: no merge reaches across the
   * commit from then on, so that what came after it takes the more batches, and bytes, the longer it is held. Traces
   * with times of their own keep what they have themselves.
   *
   * ```ts
   * await store.commit();
   * await store.hold("feed");
   * // Later, or when the store has been opened again: what has changed since, and the hold moved on to there.
   * using then = store.atHold("feed");
   * using now = store.at(await store.commit());
   * const changes = await now.of(orders).loadSince(then.of(orders));
   * await store.hold("feed", { at: now.token });
   * ```
   *
   * In a store that was opened as a `guest` the writer is asked for it, which does it when it was opened with `serve`; then
   * `lease` is to be said, and it resolves when a head says so and has been taken over here: `atHold(name)` reads it. The
   * lease runs by the writer's clock, from when it took the request up. With a `signal` that fires before, the request is
   * taken back; what was granted by then goes with its lease.
   *
   * @throws (rejects with) `ZSPINE_TIME_REGRESSED` for a commit before that of the hold; `ZSPINE_TIME_PASSED` for one
   *   that nobody holds and that is not the newest; `ZSPINE_CONFLICT` where nothing is committed; `ZSPINE_NOT_SUPPORTED`
   *   in a store that only reads; `ZSPINE_INVALID_OPTIONS`; as `commit`.
   */
  async hold(name: string, options: HoldOptions = {}): Promise<number> {
    this.guard();
    checkName(name);
    const { requests } = this.parts;
    if (requests !== undefined) return requests.hold(name, options);
    checkWritable(this.parts.options, "hold a commit");
    return this.parts.holds.hold(name, options);
  }

  /** Tells of the holds of commits, ascending by name. Costs a step for each hold of each trace. */
  holds(): readonly StoreHold[] {
    this.guard();
    refuseArgument("holds", arguments[0], "it tells of all");
    return this.parts.holds.list();
  }

  /**
   * Lets go of the hold of a name: resolves when it is not there after a restart.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, with the names there are; as {@link Store.hold}.
   */
  async release(name: string, given: WaitOptions = {}): Promise<void> {
    this.guard();
    checkName(name);
    const { signal } = checkWait(given, "release");
    const { requests } = this.parts;
    if (requests !== undefined) return requests.release(name, signal);
    checkWritable(this.parts.options, "let go of a hold");
    await this.parts.holds.release(name);
  }

  /**
   * Reads the commit that a hold has: its metadata, and its rows in the traces that are open. A trace that was made after
   * it has none, and one that was dropped since is gone. In a store that only reads too, as of what it has taken over.
   *
   * @throws `ZSPINE_UNKNOWN_NAME`, with the names there are; `ZSPINE_TIME_PASSED` when the hold has expired.
   */
  atHold(name: string): CommitSnapshot {
    this.guard();
    checkName(name);
    const { commit, metadata } = this.parts.holds.standing(name);
    return this.readCommit(commit, metadata);
  }

  /** Tells of the clones that borrow of this store, ascending by name: see `cloneStore()`. Costs a step for each value that they borrow. */
  clones(): readonly StoreClone[] {
    this.guard();
    refuseArgument("clones", arguments[0], "it tells of all");
    return this.parts.clones.list();
  }

  /**
   * Lets go of what a clone borrows, whether it needs it or not: for one whose place is gone, or never came to be. Resolves
   * when it is let go of after a restart too; what nobody else needs is removed then, and a clone that is there cannot read it.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, with the names there are; `ZSPINE_NOT_SUPPORTED` in a store that only reads.
   */
  async releaseClone(name: string): Promise<void> {
    this.guard();
    checkName(name);
    checkWritable(this.parts.options, "let go of a clone");
    await this.parts.clones.release(name);
  }

  private readCommit(token: number, metadata: Metadata): CommitSnapshot {
    const { held, table } = this.parts;
    return new CommitSnapshot({ token, metadata, traces: table.handles, held });
  }

  /**
   * Takes over what the writer of a store has committed since it was opened with `readOnly: true`: its traces and their
   * readers go on from there. The writer knows nothing of those who read; so who reads on after two commits more may find
   * that what it reads was removed (`ZSPINE_TIME_PASSED`), and is to read again after this.
   *
   * @throws (rejects with) `ZSPINE_NOT_SUPPORTED` in a store that writes, which has all there is.
   */
  async refresh(): Promise<void> {
    this.guard();
    refuseArgument("refresh", arguments[0], "it takes over the newest commit");
    if (this.parts.options.isReadOnly) return this.parts.refresher.refresh();
    const message =
      "refresh() is for stores that were opened with { readOnly: true }: one that writes has all there is";
    throw new ZspineError("ZSPINE_NOT_SUPPORTED", message);
  }

  /**
   * Resolves when a commit of a token, or a later one, can be read here: in a store that only reads, when its writer has
   * made it, which is looked for every 50 ms; in one that follows, when it has taken that over.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`; `ZSPINE_INVALID_OPTIONS` for what is no token.
   */
  async waitFor(token: number, given: WaitOptions = {}): Promise<void> {
    this.guard();
    const { signal } = checkWait(given, "waitFor");
    if (!Number.isSafeInteger(token) || token < 1)
      throw refused(["waitFor"], "the token of a commit", token, "pass what commit() resolved to");
    await this.parts.refresher.waitFor(token, signal);
  }

  /** Drops the rows of all traces that no call of `commit` covers. Gives how many distinct rows that were. */
  discard(): number {
    this.guard();
    refuseArgument("discard", arguments[0], "it drops the rows of all traces");
    const { events, table } = this.parts;
    const { states } = table;
    // What can fail is done for all of them before anything is dropped.
    for (const state of states) state.intake.seal();
    let rows = 0;
    for (const state of states) rows += state.discard();
    events.emit("discard", { rows });
    return rows;
  }

  /**
   * Merges every trace into as few batches as may be: without snapshots one of the committed rows, and one
   * of the others. Equal rows are added up and zeros dropped, so that `count()` is free afterwards.
   */
  compact(options: WorkOptions = {}): Promise<void> {
    return this.parts.maintenance.compact(options);
  }

  /**
   * Finishes the merges that are due, and where what they have made superfluous is much of what is stored, makes the heads
   * after which it can be removed; resolves when the store is at rest.
   *
   * @throws (rejects with) what a merge or a head fails with, `ZSPINE_ABORTED`.
   */
  finishMerges(options: WorkOptions = {}): Promise<void> {
    return this.parts.maintenance.finishMerges(options);
  }

  /**
   * Makes what relaxed commits have acknowledged survive power loss too, and names the merges that are
   * finished, so that reopening does not make them again. Uncommitted rows stay so.
   */
  flush(options: WorkOptions = {}): Promise<void> {
    return this.parts.maintenance.flush(options);
  }

  /**
   * Waits, where rows take more memory than the placement of the backend allows, until they have left it or none can: to
   * be called by who inserts much between two commits. Resolves at once where there is room, or no placement.
   *
   * @throws (rejects with) what spilling fails with, `ZSPINE_SPILL_LIMIT`, `ZSPINE_ABORTED`; the rows stay in memory.
   */
  async room(given: WaitOptions = {}): Promise<void> {
    this.guard();
    const { signal } = checkWait(given, "room");
    await this.parts.mover?.room(signal);
  }

  /**
   * Has rows leave memory for the backend now, uncommitted ones too, the coldest first: all that can, or about `bytes`.
   * Resolves to the bytes of memory that they have left.
   *
   * @throws (rejects with) `ZSPINE_NOT_SUPPORTED` over a backend without a placement; as {@link Store.room}.
   */
  async spill(given: SpillOptions = {}): Promise<number> {
    this.guard();
    const { bytes = Infinity, ...work } = checkSpill(given);
    const { mover } = this.parts;
    if (mover !== undefined) return mover.spill(bytes, work);
    const message =
      "spill() is for stores over a backend with a budget: open it with hybrid({ cold, budgetBytes })";
    throw new ZspineError("ZSPINE_NOT_SUPPORTED", message);
  }

  /**
   * Checks every byte that the two newest heads name: checksums, identities, the order of rows, the sums of
   * weights, filters; for traces that nobody has opened, too. Damage is in the report, and does not reject. A store that only
   * reads checks the newest that its writer has made, and where that goes on and removes some of it, newer ones.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`, `ZSPINE_IO` for what cannot be read; `ZSPINE_CONFLICT` when
   *   something is amiss and another writer has committed since, which removes what this one still names;
   *   `ZSPINE_TIME_PASSED` in a store that only reads, when its writer was ahead eight times over: then nothing is known.
   */
  async verify(given: VerifyOptions = {}): Promise<VerifyReport> {
    this.guard();
    const options = checkWork(given, "verify");
    const half = this.parts.half ?? (await loadStoredHalf());
    this.guard();
    return half.verifyStore(this.parts, options);
  }

  /**
   * Copies what is committed to an empty backend, of the same kind or another, checking it on the way. The store
   * may be written to meanwhile; what it commits then is not in the copy. Restoring is the same the other way
   * round: open a store over the copy, or `restoreStore()` it to where it is to be. A copy numbers its commits itself:
   * what it was made of is its commit 1, with the metadata that it had. A store that only reads, and whose writer removes what
   * is being copied, takes over a newer commit, as by `refresh()`, and goes on with that.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` when the target holds a store already; `ZSPINE_CORRUPT`, and nothing
   *   is there then to be opened; `ZSPINE_TIME_PASSED`, too, in a store that only reads, when its writer was ahead eight times
   *   over; `ZSPINE_ABORTED`; what either backend fails with.
   */
  async backup(to: Backend | BackendOpener, given: CopyOptions = {}): Promise<void> {
    this.guard();
    const options = checkBackup(to, given);
    await this.parts.queue.settled();
    const { backend, half } = this.parts;
    checkStored(backend);
    await half!.backUp(this.parts, to, options);
  }

  /** Counts what the store holds and has done. */
  stats(): StoreStats {
    this.guard();
    refuseArgument("stats", arguments[0], "of one trace there is trace.stats()");
    return storeStats(this.parts);
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
    return this.parts.events.on(name, listener);
  }

  /** Closes the store after the commits in flight; rows that no commit has taken are dropped. Idempotent. */
  async close(): Promise<void> {
    this.parts.gate.close();
    this.closing ??= this.closeNow();
    await this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async closeNow(): Promise<void> {
    const { backend, committer, events, loader, maintenance, queue, scheduler, stored, table } = this.parts;
    await this.parts.refresher.stop();
    await this.parts.mailRoom?.stop();
    await queue.settled();
    await committer.settled();
    await this.parts.mover?.stop();
    await scheduler.stop();
    await stored?.spiller.stop();
    await stored?.warmUp.stop();
    const discardedRows = table.states.reduce((rows, state) => rows + state.discardAtEnd(), 0);
    // Nothing that is committed depends on what is tidied up here; a next opening does it else.
    await maintenance.tidyUp().catch(() => undefined);
    await stored?.warmUp.leave().catch(() => undefined);
    try {
      await backend.close();
    } finally {
      // Whatever the medium says, nothing is read or waited for any more.
      loader.ledger.close();
    }
    events.emit("close", { discardedRows });
  }

  private guard(): void {
    this.parts.gate.check();
  }
}
