import {
  FUNCTION,
  numberWithin,
  oneOf,
  refused,
  withMethods,
  type MemoryMonitor,
  type OptionKind,
  type OptionKinds,
} from "@zspine/core";

/**
 * What makes stores go down:
 *
 * | policy | |
 * |---|---|
 * | `adaptive` | the budget, and the monitor: whichever presses more |
 * | `fixed` | the budget alone |
 * | `manual` | nothing but a call of `spill()`; the budget bounds what is cached |
 */
export type BudgetPolicy = "adaptive" | "fixed" | "manual";

/** What a budget is made of. */
export interface BudgetOptions {
  /**
   * How much the stores may account for in all, in bytes, with the reserve: at least 2 MiB; `Infinity` never presses.
   * `"auto"` asks the monitor once: half of what is free, where use and limit are told; a quarter of the limit, where
   * that is all; 256 MiB where nothing is. At least 2 MiB.
   */
  readonly bytes: number | "auto";
  /** Default: `adaptive`. */
  readonly policy?: BudgetPolicy | undefined;
  /** What senses memory; by default that of the runtime, `memoryMonitor()`. */
  readonly monitor?: MemoryMonitor | undefined;
  /** Bytes that rows of a store which no commit has named may take in its backend; by default any number. */
  readonly maxSpillBytes?: number | undefined;
  /** Milliseconds that never go back, from any origin; by default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** What spilling itself needs, at least: a block that is made and what is in flight. */
export const LEAST_RESERVE_BYTES: number = 2 ** 20;

/** The least budget: twice the least reserve. */
export const LEAST_BYTES: number = 2 * LEAST_RESERVE_BYTES;

export const BYTES: OptionKind = {
  expected: `a number of bytes, at least ${LEAST_BYTES} (2 MiB), or "auto"`,
  accepts: (value) => value === "auto" || (typeof value === "number" && value >= LEAST_BYTES),
  advise: (value) =>
    typeof value === "string"
      ? "write 64 * 2 ** 20 for 64 MiB"
      : `spilling itself needs ${LEAST_RESERVE_BYTES} of it, and rows as much`,
};

/** The options besides the bytes, which `hybrid()` has too. */
export const POLICY_KINDS: OptionKinds = {
  policy: oneOf("adaptive", "fixed", "manual"),
  monitor: withMethods("a memory monitor", "memoryMonitor()", ["read", "onChange"]),
  maxSpillBytes: numberWithin(0, Infinity, false),
};

export const BUDGET_KINDS: OptionKinds = { bytes: BYTES, ...POLICY_KINDS, now: FUNCTION };

/** The error for bytes that are left out. */
export function bytesMissing(what: string): Error {
  return refused([what, "bytes"], BYTES.expected, undefined, `write ${what}({ bytes: "auto" })`);
}
