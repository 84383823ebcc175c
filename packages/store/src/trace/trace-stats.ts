import type { LookupCounts } from "@zspine/core/engine";
import { storedBytesOf } from "../stored/batch-file.ts";
import { isStored } from "../stored/stored-batch.ts";
import { levelOf } from "../spine/merge-strategy.ts";
import type { TraceState } from "./trace-state.ts";

/** Batches of about one size. */
export interface LevelStats {
  /** 0 for the smallest; one more for each factor of four in rows. */
  readonly level: number;
  readonly batches: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What a trace holds and has done, counted and not estimated. */
export interface TraceStats {
  /** Rows in all batches and in staging: no fewer than the distinct rows. */
  readonly rows: number;
  readonly totalWeight: number;
  /** Rows that were inserted but not yet sorted into a batch. */
  readonly stagedRows: number;
  /** Rows in batches that no commit has acknowledged. */
  readonly uncommittedRows: number;
  readonly batches: number;
  readonly levels: readonly LevelStats[];
  /** Bytes of columns and weights in batches; of filters and hash indexes; of staged rows; of unfinished merges. */
  readonly columnBytes: number;
  readonly indexBytes: number;
  readonly stagedBytes: number;
  readonly mergingBytes: number;
  /** Bytes of the values in the backend that its batches lie in. */
  readonly storedBytes: number;
  /** All of the above together, but for what is stored. */
  readonly residentBytes: number;
  /** Rows inserted since the store was opened. */
  readonly insertedRows: number;
  readonly merges: number;
  readonly mergesInProgress: number;
  /** Rows that finished merges have read and written. */
  readonly mergedRowsIn: number;
  readonly mergedRowsOut: number;
  /** Rows written by inserting and merging for each row inserted; 0 when nothing was. */
  readonly writeAmplification: number;
  /** Look-ups by how each batch that was asked answered. */
  readonly lookups: Readonly<LookupCounts>;
  /** Boundaries that open snapshots and commits in flight hold. */
  readonly boundaries: number;
}

const LEVEL_FANOUT = 4;

/** Counts what a trace holds, as it is: nothing is sealed for it. */
export function traceStats<K, V>(state: TraceState<K, V>): TraceStats {
  const batches = state.spines.flatMap((spine) => spine.entries.map((entry) => entry.batch));
  const levels = new Map<number, { level: number; batches: number; rows: number; bytes: number }>();
  for (const batch of batches) {
    const level = levelOf(batch.length, LEVEL_FANOUT);
    const stats = levels.get(level) ?? { level, batches: 0, rows: 0, bytes: 0 };
    stats.batches++;
    stats.rows += batch.length;
    stats.bytes += batch.columnBytes;
    levels.set(level, stats);
  }
  const total = (of: (batch: (typeof batches)[number]) => number): number =>
    batches.reduce((sum, batch) => sum + of(batch), 0);
  const columnBytes = total((batch) => (isStored(batch) ? 0 : batch.columnBytes));
  const storedBytes = storedBytesOf(batches.filter(isStored).map(({ file }) => file));
  const indexBytes = total((batch) => batch.indexBytes);
  const merged = { merges: 0, rowsIn: 0, rowsOut: 0, inProgress: 0, bytes: 0 };
  for (const spine of state.spines) {
    merged.merges += spine.merged.merges;
    merged.rowsIn += spine.merged.rowsIn;
    merged.rowsOut += spine.merged.rowsOut;
    merged.inProgress += spine.mergesInProgress;
    merged.bytes += spine.mergingBytes;
  }
  const { insertedRows, stagedRows, stagedBytes } = state;
  const [, committing, pending] = state.spines;
  const rowsOf = (entries: typeof pending.entries): number =>
    entries.reduce((sum, { batch }) => sum + batch.length, 0);
  return {
    rows: state.size,
    totalWeight: state.totalWeight,
    stagedRows,
    uncommittedRows: rowsOf(committing.entries) + rowsOf(pending.entries),
    batches: batches.length,
    levels: [...levels.values()].sort((a, b) => a.level - b.level),
    columnBytes,
    indexBytes,
    stagedBytes,
    mergingBytes: merged.bytes,
    storedBytes,
    residentBytes: columnBytes + indexBytes + stagedBytes + merged.bytes,
    insertedRows,
    merges: merged.merges,
    mergesInProgress: merged.inProgress,
    mergedRowsIn: merged.rowsIn,
    mergedRowsOut: merged.rowsOut,
    writeAmplification: insertedRows === 0 ? 0 : (insertedRows + merged.rowsOut) / insertedRows,
    lookups: { ...state.context.counts },
    boundaries: state.boundaries.size,
  };
}
