import { isZspineError, ZspineError, type StoredHead } from "@zspine/core";
import type { Emitter, StoreEvents } from "../events/events.ts";
import { checksumOfHead, encodeHead, type Head, type HeadTrace, type Metadata } from "../head/head.ts";
import type { HeadOutcome, HeadWriter } from "../head/head-writer.ts";
import { filesOf } from "../recovery/dormant-trace.ts";
import type { BatchFile, ValueKeeper } from "../stored/batch-file.ts";
import {
  batchesOf,
  NO_ROWS,
  writeCommitRows,
  type CommitRows,
  type RowsSurroundings,
} from "../trace/commit-rows.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { CommitRequest, DroppedTrace } from "./commit-queue.ts";
import type { TraceTable } from "./trace-table.ts";

type AnyState = TraceState<unknown, unknown>;

/** What a committer is told of its store. */
export interface CommitterSurroundings {
  readonly heads: HeadWriter;
  readonly events: Emitter<StoreEvents>;
  readonly keeper: ValueKeeper;
  /** How rows are written; missing where they stay in memory. */
  readonly rows: RowsSurroundings | undefined;
  /** What every head says of the store. */
  readonly identity: Pick<Head, "writer" | "epoch" | "seed" | "serializer">;
  readonly table: TraceTable;
  /** Tells of merges that no head has named; missing where there are none. */
  readonly merges: { unnamedBytes: number } | undefined;
  /** Waits where merging has fallen behind. */
  waitForMerges(): Promise<void>;
}

/** The kept heads, and the stored batches of the newest, held until released. */
export interface HeldHeads {
  readonly heads: readonly StoredHead[];
  readonly files: readonly BatchFile[];
  release(): void;
}

/** What the store went on from: the newest head's state, and what the one before it needs. */
export interface CommitterStart {
  readonly checksum: number;
  /** The newest head and, where it is kept, the one before it. */
  readonly heads: readonly StoredHead[];
  /** Values to be removed with the first synced head, which tells other writers of the place that they are out. */
  readonly orphans: readonly string[];
  readonly metadata: Metadata;
  readonly current: readonly BatchFile[];
  readonly previous: readonly BatchFile[];
}

/** What an attempt will have done when it turns out to have landed. */
interface Attempt {
  readonly states: readonly AnyState[];
  readonly drops: readonly DroppedTrace[];
  readonly metadata: Metadata;
  readonly rows: CommitRows;
  /** Names of values that are removed with it. */
  readonly removed: readonly string[];
  /** Names of orphans, likewise. */
  readonly orphans: readonly string[];
  /** The stored batches that it names. */
  readonly files: readonly BatchFile[];
  readonly head: StoredHead;
  readonly isSynced: boolean;
  /** Bytes made superfluous by merges whose results it names. */
  readonly named: number;
  readonly isMaintenance: boolean;
}

/**
 * Makes one commit at a time of a group of calls: takes their rows out of what is pending, writes them where
 * the backend is durable, creates the head, and puts the rows where its outcome says they belong.
 */
export class Committer {
  /** Acknowledged commits, the calls they answered, and failed ones. */
  readonly counts: { commits: number; calls: number; failures: number; bytesWritten: number } = {
    commits: 0,
    calls: 0,
    failures: 0,
    bytesWritten: 0,
  };
  /** Metadata of the last acknowledged commit that had some. */
  metadata: Metadata;
  /** Stored batches that the newest head names, and the one before it. */
  current: readonly BatchFile[];
  private previous: readonly BatchFile[];
  /** Those that the newest synced head names: a power cut may go back to it, so nothing of it may be removed. */
  private synced: readonly BatchFile[];
  /** The checksum of the newest head. */
  private checksum: number;
  /** The newest head and the one before it, as far as they are known: what is theirs is held. */
  kept: readonly StoredHead[];

  /** Values that no head names, as it was found: to be removed with the first synced head. */
  private orphans: readonly string[];
  private readonly surroundings: CommitterSurroundings;
  /** What takes part in an attempt that is not settled yet. */
  private inFlight: Attempt | undefined;

  constructor(surroundings: CommitterSurroundings, start: CommitterStart) {
    this.surroundings = surroundings;
    this.metadata = start.metadata;
    this.checksum = start.checksum;
    this.kept = start.heads;
    this.orphans = start.orphans;
    this.current = start.current;
    this.previous = start.previous;
    // What was found is durable: opening the backend has made it so.
    this.synced = start.current;
    for (const file of [...this.current, ...this.previous, ...this.synced]) surroundings.keeper.hold(file);
  }

  /** Whether the newest head is a synced one, or was found at opening. */
  get isSynced(): boolean {
    return this.synced === this.current;
  }

  /** Makes one commit of a group of calls. Resolves to its number. */
  async commit(group: readonly CommitRequest[]): Promise<number> {
    const calls = group.filter(({ isMaintenance }) => !isMaintenance).length;
    this.counts.calls += calls;
    try {
      await this.settleInFlight();
      if (calls > 0) await this.surroundings.waitForMerges();
      return await this.attempt(group, calls);
    } catch (error) {
      if (calls > 0) this.counts.failures++;
      throw error;
    }
  }

  /** Keeps what the kept heads name, for a reader of all of it. */
  holdHeads(): HeldHeads {
    const { keeper } = this.surroundings;
    const held = [...this.current, ...this.previous];
    for (const file of held) keeper.hold(file);
    return {
      heads: this.kept,
      files: this.current,
      release: () => {
        for (const file of held) keeper.release(file);
      },
    };
  }

  private async attempt(group: readonly CommitRequest[], calls: number): Promise<number> {
    const { heads, events, keeper } = this.surroundings;
    const isMaintenance = calls === 0;
    const cuts = new Map(group.flatMap(({ cuts: ofRequest }) => [...ofRequest]));
    const drops = group.flatMap((request) => request.drops ?? []);
    const states = [...cuts.keys()].filter((state) => !state.isDropped);
    let rowCount = 0;
    for (const state of states) rowCount += state.beginCommit(cuts.get(state)!);
    const durability = group.some((request) => request.durability === "sync") ? "sync" : "relaxed";
    const rows = await this.writeRows(states, durability);
    const metadata = group.findLast((request) => request.metadata !== undefined)?.metadata ?? this.metadata;
    const { open, dormant } = this.surroundings.table.without(drops);
    const added = new Map(open.map((state) => [state, batchesOf(rows, state)]));
    const traces = [
      ...open.map((state) => state.describe(added.get(state)!)),
      ...dormant.map(({ head }) => head),
    ];
    const bytes = encodeHead(this.describe(metadata, traces));
    // A commit that a power cut may take must not remove what the durable one before it needs.
    const isSynced = durability === "sync";
    const removed = isSynced ? keeper.takeGarbage() : [];
    const orphans = isSynced ? this.orphans : [];
    const ops = [...rows.ops, ...[...removed, ...orphans].map((name) => ({ type: "remove", name }) as const)];
    const files = [
      ...open.flatMap((state) => [...state.committedFiles(), ...added.get(state)!.map(({ file }) => file)]),
      ...filesOf(dormant),
    ];
    // From here on, for merges go on meanwhile, and what they make superfluous may be what this head names.
    for (const file of files) keeper.hold(file);
    this.inFlight = {
      states,
      drops,
      metadata,
      rows,
      removed,
      orphans,
      files,
      head: { number: heads.number + 1, bytes },
      isSynced,
      named: this.surroundings.merges?.unnamedBytes ?? 0,
      isMaintenance,
    };
    this.counts.bytesWritten += bytes.length;
    this.conclude(await heads.create(bytes, ops, durability));
    if (!isMaintenance) events.emit("commit", { number: heads.number, rows: rowCount, calls });
    return heads.number;
  }

  /** Writes what is too large to go with the head. When that fails, the commit did not happen. */
  private async writeRows(states: readonly AnyState[], durability: "sync" | "relaxed"): Promise<CommitRows> {
    const { rows, heads, keeper } = this.surroundings;
    if (rows === undefined) return NO_ROWS;
    const values: string[] = [];
    try {
      const written = await writeCommitRows(states, durability, rows, values);
      for (const state of states)
        for (const { file } of batchesOf(written, state)) this.counts.bytesWritten += file.head.bytes;
      return written;
    } catch (error) {
      for (const state of states) state.endCommit(false, []);
      keeper.discard(values);
      if (!isZspineError(error)) throw error;
      const message = `commit ${heads.number + 1} did not happen; its rows are kept, commit again to try again: ${error.message}`;
      throw new ZspineError(error.code, message, { cause: error, path: error.path });
    }
  }

  private describe(metadata: Metadata, traces: readonly HeadTrace[]): Head {
    const { heads, identity } = this.surroundings;
    return { number: heads.number + 1, ...identity, previous: this.checksum, traces, metadata };
  }

  /** Finds out what became of an attempt that did not tell, before anything else is written. */
  private async settleInFlight(): Promise<void> {
    const { heads } = this.surroundings;
    if (!heads.isUnsettled) return;
    const outcome = await heads.settle(new ZspineError("ZSPINE_IO", "its outcome was not known"));
    // Where it did not happen, its rows are among those of the commit that follows.
    const isConflict = !outcome.isCreated && outcome.error.code === "ZSPINE_CONFLICT";
    if (outcome.isCreated || isConflict) this.conclude(outcome);
    else this.put(false);
  }

  private conclude(outcome: HeadOutcome): void {
    this.put(outcome.isCreated);
    if (!outcome.isCreated) throw outcome.error;
  }

  /** Puts the rows in flight where they belong. */
  private put(isCommitted: boolean): void {
    const { keeper, merges } = this.surroundings;
    const { states, drops, metadata, rows, removed, orphans, files, head, isSynced, named, isMaintenance } =
      this.inFlight!;
    this.inFlight = undefined;
    for (const file of isCommitted ? this.previous : files) keeper.release(file);
    if (isCommitted) {
      this.previous = this.current;
      this.current = files;
      if (isSynced) {
        for (const file of files) keeper.hold(file);
        for (const file of this.synced) keeper.release(file);
        this.synced = files;
      }
      this.checksum = checksumOfHead(head.bytes);
      if (orphans.length > 0) this.orphans = [];
      // After heads that were lost, the one that the store went on from is not kept.
      this.kept = [head, ...this.kept.filter(({ number }) => number === head.number - 1)];
      if (merges !== undefined) merges.unnamedBytes -= named;
    }
    for (const state of states) state.endCommit(isCommitted, rows.written.get(state) ?? []);
    if (!isCommitted) {
      // What it would have removed is still garbage, and so is what it has written.
      keeper.discard(removed);
      keeper.discard(rows.values);
      return;
    }
    for (const { name, state } of drops) {
      if (state !== undefined) {
        state.isDropped = true;
        state.clear();
      }
      this.surroundings.table.forget(name, state);
    }
    if (!isMaintenance) this.counts.commits++;
    this.metadata = metadata;
  }
}
