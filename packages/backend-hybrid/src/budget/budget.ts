import type { Placement, PressureLevel } from "@zspine/core";
import type { BudgetPolicy } from "./budget-options.ts";

/** What a budget knows of one of its stores. */
export interface SeatStats {
  /** What the store accounted for when it last asked. */
  readonly accountedBytes: number;
  /** How much it has been in use: rows written and slots looked into, each counting half after ten seconds. */
  readonly use: number;
  readonly level: PressureLevel;
  /** All that it may account for. */
  readonly bytes: number;
}

/** What a budget is, and what has become of it; bytes. */
export interface BudgetStats {
  readonly bytes: number;
  /** Set aside of it for spilling itself, before the rest is given out: a sixteenth, at least 1 MiB. */
  readonly reserveBytes: number;
  /** What all stores accounted for when each last asked. */
  readonly accountedBytes: number;
  /**
   * What nobody accounts for: what the process has in physical memory, without that and without what it had when the
   * budget was made; not below 0. `undefined` where a runtime does not tell.
   */
  readonly unaccountedBytes: number | undefined;
  /** The hardest of the levels of its stores, and under the policy `adaptive` that of the monitor. */
  readonly level: PressureLevel;
  /** Its stores, in the order in which they came. */
  readonly seats: readonly SeatStats[];
}

/**
 * How many bytes stores may keep in memory together: a value that several of them share, each by
 * `hybrid({ cold, budget })`. It divides by use, not by number: while everything fits, anybody may grow into what is
 * free; when it does not, stores that are not in use give way first. It keeps nothing running once its stores are
 * closed, and needs no closing.
 */
export interface Budget extends Placement {
  readonly bytes: number;
  readonly reserveBytes: number;
  readonly policy: BudgetPolicy;

  /**
   * Changes how many bytes there are; stores that hold too much are told at once. `"auto"` asks the monitor anew.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for less than 2 MiB, and for what is no number.
   */
  resize(bytes: number | "auto"): void;

  /** Tells what it is and what became of it. Cost: its stores, and a reading of the monitor. */
  stats(): BudgetStats;

  /** Calls `listener` when the level has changed, until what is returned is called. */
  onChange(listener: (stats: BudgetStats) => void): () => void;
}
