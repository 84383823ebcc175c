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
  /** Bytes that all traces hold in memory. */
  readonly residentBytes: number;
  readonly traces: Readonly<Record<string, TraceStats>>;
}

/** Counts what a store holds. */
export function storeStats(
  head: number,
  commits: {
    readonly commits: number;
    readonly calls: number;
    readonly failures: number;
    readonly stalls: number;
  },
  states: readonly TraceState<unknown, unknown>[],
): StoreStats {
  const traces = new Map(states.map((state) => [state.name, traceStats(state)]));
  return {
    head,
    commits: commits.commits,
    commitCalls: commits.calls,
    commitFailures: commits.failures,
    stalls: commits.stalls,
    residentBytes: [...traces.values()].reduce((bytes, stats) => bytes + stats.residentBytes, 0),
    traces: Object.fromEntries(traces),
  };
}
