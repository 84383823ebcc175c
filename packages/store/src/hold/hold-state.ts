/**
 * How a hold stands: it holds; it is about to be let go of, with less than a quarter of its lease left or more than four
 * fifths of its bytes taken; or it has been let go of, for good.
 */
export type HoldState = "ok" | "at risk" | "expired";

/** What bounds a hold: milliseconds for which nobody has renewed it, and bytes that it keeps; `null` for any. */
export interface HoldTerms {
  readonly lease: number | null;
  readonly maxBytes: number | null;
}

/**
 * Tells how a hold stands.
 *
 * @param idle Milliseconds for which nobody has renewed it.
 * @param bytes What it keeps.
 */
export function stateOf({ lease, maxBytes }: HoldTerms, idle: number, bytes: () => number): HoldState {
  const left = lease === null ? 1 : 1 - idle / lease;
  const taken = maxBytes === null ? 0 : bytes() / maxBytes;
  if (left <= 0 || taken > 1) return "expired";
  return left < 0.25 || taken > 0.8 ? "at risk" : "ok";
}
