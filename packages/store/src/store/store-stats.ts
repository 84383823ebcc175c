import type { CacheCounts, Ledger } from "../tier/ledger.ts";
import type { MemoryStats } from "../tier/tally.ts";
import type { TraceState } from "../trace/trace-state.ts";
import { traceStats, type TraceStats } from "../trace/trace-stats.ts";

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
  readonly traces: Readonly<Record<string, TraceStats>>;
}

/** What {@link storeStats} counts. */
export interface StatsSources {
  readonly head: number;
  readonly commits: {
    readonly commits: number;
    readonly calls: number;
    readonly failures: number;
    readonly bytesWritten: number;
    readonly stalls: number;
  };
  readonly states: readonly TraceState<unknown, unknown>[];
  readonly storedBytes: number;
  readonly mergeBytesWritten: number;
  readonly spillBytesWritten: number;
  readonly ledger: Ledger;
}

/** Counts what a store holds. */
export function storeStats({
  head,
  commits,
  states,
  storedBytes,
  mergeBytesWritten,
  spillBytesWritten,
  ledger,
}: StatsSources): StoreStats {
  const traces = new Map(states.map((state) => [state.name, traceStats(state)]));
  return {
    head,
    commits: commits.commits,
    commitCalls: commits.calls,
    commitFailures: commits.failures,
    stalls: commits.stalls,
    memory: ledger.count(),
    cache: { ...ledger.counts, bytes: ledger.bytes, budgetBytes: ledger.budgetBytes },
    storedBytes,
    commitBytesWritten: commits.bytesWritten,
    mergeBytesWritten,
    spillBytesWritten,
    traces: Object.fromEntries(traces),
  };
}
