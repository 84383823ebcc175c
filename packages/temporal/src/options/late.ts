import type { IndexedZSetRowInput } from "@zspine/core";
import { ZspineError } from "@zspine/core";
import type { Time } from "../time/time.ts";

/**
 * What becomes of rows whose time is complete already, for it is below upper:
 *
 * | policy | the rows |
 * |---|---|
 * | `reject` | are refused, with an error that has them |
 * | `advance` | are inserted at upper |
 * | `accept` | are inserted at their time, and correct history, where since and what readers were given allow it |
 * | `divert` | are given to `onLate`, and not inserted |
 */
export type LatePolicy = "reject" | "advance" | "accept" | "divert";

/** Rows that came late. */
export interface LateRows<K, V> {
  readonly time: Time;
  /** The first time that is not complete. */
  readonly upper: number;
  readonly rows: readonly IndexedZSetRowInput<K, V>[];
}

/** How many rows came late since the store was opened, by what became of them. */
export interface LateCounts {
  rejected: number;
  advanced: number;
  accepted: number;
  diverted: number;
}

/** Makes the error for rows that are refused. Its cause has them. */
export function lateError(trace: string, late: LateRows<unknown, unknown>, why: string): ZspineError {
  const { time, upper, rows } = late;
  const complete = upper === Infinity ? "all times are complete" : `times below ${upper} are complete`;
  const count = rows.length === 1 ? "a row" : `${rows.length} rows`;
  return new ZspineError(
    "ZSPINE_TIME_PASSED",
    `${trace}: ${count} of time ${time} came late, for ${complete}${why}; nothing was applied`,
    { path: ["time"], cause: late },
  );
}
