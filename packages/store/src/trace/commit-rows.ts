import type { WriteOp } from "@zspine/core";
import type { Holder } from "../tier/tally.ts";
import type { StoredBatch, StoredRun } from "./stages.ts";
import type { TraceState } from "./trace-state.ts";

type AnyState = TraceState<unknown, unknown>;

/** Rows that a commit has written as stored batches. */
export interface CommitRows extends Holder {
  /** For each trace its runs, oldest first. */
  readonly written: ReadonlyMap<AnyState, readonly StoredRun[]>;
  /** Values that are to be written together with the head. */
  readonly ops: readonly WriteOp[];
  /** Names of all values, those of `ops` among them. */
  readonly values: readonly string[];
}

/** Rows of a commit that stores none. */
export const NO_ROWS: CommitRows = { written: new Map(), ops: [], values: [], account: () => undefined };

/** The stored batches of a trace that a commit has written, oldest first. */
export function batchesOf(rows: CommitRows, state: AnyState): StoredBatch[] {
  return (rows.written.get(state) ?? []).flatMap(({ stored }) => stored ?? []);
}
