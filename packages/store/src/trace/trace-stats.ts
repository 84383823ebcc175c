import type { Batch, LookupCounts, Part } from "@zspine/core/engine";
import { FANOUT, levelOf } from "../merge/merge-strategy.ts";
import { storedBytesOf } from "../tier/batch-file.ts";
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

/** Counts what a trace holds, as it is: nothing is sealed for it. */
export function traceStats<K, V>(state: TraceState<K, V>): TraceStats {
  const { entries } = state.stages;
  const batches = entries.map(({ batch }) => batch);
  const levels = new Map<number, { level: number; batches: number; rows: number; bytes: number }>();
  for (const batch of batches) {
    const level = levelOf(batch.length, FANOUT);
    const stats = levels.get(level) ?? { level, batches: 0, rows: 0, bytes: 0 };
    stats.batches++;
    stats.rows += batch.length;
    stats.bytes += batch.columnBytes;
    levels.set(level, stats);
  }
  const total = (of: (batch: (typeof batches)[number]) => number): number =>
    batches.reduce((sum, batch) => sum + of(batch), 0);
  const columnBytes = total((batch) => unwrittenBytes(batch));
  const storedBytes = storedBytesOf(entries.map(({ holder }) => holder));
  const indexBytes = total((batch) => batch.indexBytes + fenceBytes(batch));
  const merged = { merges: 0, rowsIn: 0, rowsOut: 0, inProgress: 0, bytes: 0 };
  for (const spine of state.spines) {
    merged.merges += spine.merged.merges;
    merged.rowsIn += spine.merged.rowsIn;
    merged.rowsOut += spine.merged.rowsOut;
    merged.inProgress += spine.merges.size;
    for (const { merge } of spine.merges) merged.bytes += merge.bytes;
  }
  const { insertedRows, length: stagedRows, bytes: stagedBytes } = state.intake;
  const { committing, pending, boundaries } = state.stages;
  return {
    rows: state.size,
    totalWeight: state.totalWeight,
    stagedRows,
    uncommittedRows: committing.rows + pending.rows,
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
    boundaries: boundaries.size,
  };
}

// An entry with its home and identity, as a heap profile shows them.
const SLOT_BYTES = 256;

/** Counts the bytes of what a batch knows of its slots that lie in the backend. */
function fenceBytes({ slots }: Batch): number {
  let bytes = 0;
  const fences = new Set<Part>();
  for (const { home, lowerPart, upperPart } of slots) {
    if (home === undefined) continue;
    bytes += SLOT_BYTES;
    fences.add(lowerPart).add(upperPart);
  }
  for (const part of fences) bytes += part.bytes;
  return bytes;
}

/** Counts the bytes of the rows of a batch that are in memory and nowhere else, with what it knows of its slots. */
function unwrittenBytes({ slots, starts }: Batch): number {
  return slots.reduce((bytes, slot) => bytes + (slot.home === undefined ? slot.bytes : 0), starts.byteLength);
}
