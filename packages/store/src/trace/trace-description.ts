import type { DormantTrace } from "../recovery/dormant-trace.ts";
import { storedBytesOf } from "../tier/batch-file.ts";
import type { TraceState } from "./trace-state.ts";

/** What a store knows of a trace, also where nobody has opened it, and its schemas are not known. */
export interface TraceDescription {
  readonly name: string;
  /** `undefined` for a trace of the store's own, else what it is: `"temporal"`. */
  readonly kind: string | undefined;
  /**
   * The types of its columns, as `trace.layout.fingerprint` and errors tell them: `int32 -> {"customer":text}`. Of a temporal
   * trace the value is the stored one, `{"value":…,"time":int}`.
   */
  readonly fingerprint: string;
  /** No fewer than the distinct rows there are, committed or not. */
  readonly rows: number;
  /** The sum of all weights. */
  readonly totalWeight: number;
  readonly batches: number;
  /** Bytes of the values in the backend that its batches lie in. */
  readonly storedBytes: number;
}

/** Describes a trace that is open. */
export function describeOpen(state: TraceState<unknown, unknown>): TraceDescription {
  const { entries } = state.stages;
  return {
    name: state.name,
    kind: state.kind?.name,
    fingerprint: state.layout.fingerprint,
    rows: state.size,
    totalWeight: state.totalWeight,
    batches: entries.length,
    storedBytes: storedBytesOf(entries.map(({ holder }) => holder)),
  };
}

/** Describes a trace by what a head says of it. */
export function describeDormant(trace: DormantTrace): TraceDescription {
  const { name, kind, fingerprint, totalWeight, batches } = trace.head;
  return {
    name,
    kind: kind?.name,
    fingerprint,
    rows: batches.reduce((rows, batch) => rows + batch.rows, 0),
    totalWeight,
    batches: batches.length,
    storedBytes: storedBytesOf(trace.batches.map(({ file }) => file)),
  };
}
