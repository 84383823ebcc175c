import type { Backend } from "@zspine/core";
import type { HeadWriter } from "../head/head-writer.ts";
import type { MergedBytes } from "../merge/scheduler.ts";
import type { CacheCounts } from "../tier/ledger.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import type { Mover, PlacementStats } from "../tier/mover.ts";
import type { MemoryStats } from "../tier/tally.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import { traceStats, type TraceStats } from "../trace/trace-stats.ts";
import type { StoredParts } from "./assemble-stored.ts";
import type { Committer } from "./committer.ts";
import type { HoldBook, StoreHold } from "./hold-book.ts";
import type { Maintenance } from "./maintenance.ts";
import type { TraceTable } from "./trace-table.ts";

/** What a store holds and has done, counted and not estimated. */
export interface StoreStats {
  /** The number of the newest acknowledged commit; 0 before the first. */
  readonly head: number;
  /** Acknowledged commits, and the calls that they answered or failed. */
  readonly commits: number;
  readonly commitCalls: number;
  readonly commitFailures: number;
  /** How often a commit waited for merging. */
  readonly stalls: number;
  /** Bytes in memory: what traces hold, and open readers, commits and the cache. */
  readonly memory: MemoryStats;
  /** Decoded blocks and filters in the cache: its budget, what it holds, and how often it has served. */
  readonly cache: Readonly<CacheCounts> & { readonly bytes: number; readonly budgetBytes: number };
  /** Bytes of the values that are in use: those that the two newest heads name, that merges have written, that readers hold. */
  readonly storedBytes: number;
  /**
   * Bytes written since the store was opened: by commits, heads and all; by merges of stored batches; and of slots
   * that were spilled.
   */
  readonly commitBytesWritten: number;
  readonly mergeBytesWritten: number;
  readonly spillBytesWritten: number;
  /** Slots that were spilled. */
  readonly spills: number;
  /** What the placement of the backend has decided; missing where there is none. */
  readonly placement: PlacementStats | undefined;
  /**
   * What the handle of the backend has asked of its medium since it was begun to be opened, by name, as the backend declares it
   * in `capabilities.statistics`: over `s3()` requests and bytes. Missing where it counts nothing.
   */
  readonly backend: Readonly<Record<string, number>> | undefined;
  /** The holds of commits, ascending by name, and how they stand. */
  readonly holds: readonly StoreHold[];
  readonly traces: Readonly<Record<string, TraceStats>>;
}

/** Where {@link storeStats} counts. */
export interface StatsSources {
  readonly backend: Backend;
  readonly heads: HeadWriter;
  readonly committer: Committer;
  readonly maintenance: Maintenance;
  readonly table: TraceTable;
  readonly keeper: ValueKeeper;
  readonly loader: SlotSource;
  /** Missing where nothing is stored. */
  readonly stored: StoredParts | undefined;
  readonly mover: Mover | undefined;
  readonly merged: MergedBytes;
  readonly holds: HoldBook;
}

/** Counts what a store holds. */
export function storeStats(sources: StatsSources): StoreStats {
  const { heads, committer, maintenance, table, keeper, loader, stored, mover, merged } = sources;
  const { counts } = committer;
  const { ledger } = loader;
  const tally = ledger.tally();
  const traces = new Map(table.states.map((state) => [state.name, traceStats(state)]));
  return {
    head: heads.number,
    commits: counts.commits,
    commitCalls: counts.calls,
    commitFailures: counts.failures,
    stalls: maintenance.stalls,
    memory: tally.stats,
    cache: { ...ledger.counts, bytes: ledger.bytes, budgetBytes: ledger.budgetBytes },
    storedBytes: keeper.bytes,
    commitBytesWritten: counts.bytesWritten,
    mergeBytesWritten: merged.bytesWritten,
    spillBytesWritten: stored?.spiller.bytesWritten ?? 0,
    spills: stored?.spiller.spills ?? 0,
    placement: mover?.statsOf(tally),
    backend: sources.backend.statistics?.(),
    holds: sources.holds.list(),
    traces: Object.fromEntries(traces),
  };
}
