import type { IndexedZSet } from "@zspine/core";
import type { ChangesAt } from "../read/time-reader.ts";
import type { Time } from "../time/time.ts";

/**
 * A stretch of times that is over: no change in it can come any more. The ends of time cut it: no start is below
 * −(2⁵³−1), and no end above 2⁵³.
 */
export interface Window<K, V> {
  /** The first time in it. */
  readonly start: Time;
  /** The first time after it. */
  readonly end: number;
  /** The sum of what has changed in it; never empty. What came and went within it is not there. */
  readonly rows: IndexedZSet<K, V>;
  /**
   * Changes after this time are enough for all windows that are still to come: hold it, and pass it as `from` after a
   * restart. `undefined` where all changes are needed.
   */
  readonly resumeFrom: Time | undefined;
}

/** How time is parted into windows: see `tumbling()`, `sliding()` and `session()`. */
export interface WindowKind {
  /**
   * Begins with nothing.
   *
   * @param from Changes after it will be given, −∞ for all; windows that may have begun before are to be left out.
   */
  begin<K, V>(from: number): OpenWindows<K, V>;
}

/** The windows of one kind that are not over yet. */
export interface OpenWindows<K, V> {
  /** Takes what has changed at a time, some row at least; times ascend. */
  take(change: ChangesAt<K, V>): void;
  /** Gives the next window that is over once times up to `until` are complete: by ends, and then by starts. */
  next(until: Time): Omit<Window<K, V>, "resumeFrom"> | undefined;
  /** Finds the time after which changes are needed for what `next` has not given yet; any number. */
  resumeFrom(until: Time): number;
}
