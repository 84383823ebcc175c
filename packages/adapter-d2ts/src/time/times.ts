import type { Antichain, Version } from "@electric-sql/d2ts";
import { quote, refused, ZspineError } from "@zspine/core";

// A version of d2ts is a tuple of whole numbers, of as many dimensions as its scope has loops. They are ordered in each
// dimension at once, so that two may be incomparable. History before a frontier is not told apart any more: what happened at
// a version counts as of the least version that is in advance of the frontier and not before it. In each dimension that is
// the greater of its own time and the frontier's least, so one time a dimension says of a frontier what becomes of the past.

/** Gives the least time of a frontier in each dimension; `undefined` of an empty one, which nothing is in advance of. */
export function leastTimes(frontier: Antichain): readonly number[] | undefined {
  const [first, ...others] = frontier.elements.map((version) => version.getInner());
  if (first === undefined) return undefined;
  return first.map((time, at) => others.reduce((least, other) => Math.min(least, other[at]!), time));
}

/** Gives the times at which a row counts once history before the frontier is folded. */
export function advanceTimes(times: readonly number[], least: readonly number[]): number[] {
  return times.map((time, at) => Math.max(time, least[at]!));
}

/**
 * Gives the least times that {@link advanceTimes} makes the same of, at this frontier and all later ones: those that are
 * kept of what is before the frontier, so that it is written over once in each dimension.
 */
export function foldTimes(times: readonly number[], least: readonly number[]): number[] {
  return times.map((time, at) => (time <= least[at]! ? 0 : time));
}

/** Tells whether times are those of what is folded in every dimension. */
export function areFolded(times: readonly number[]): boolean {
  return times.every((time) => time === 0);
}

/** Orders times by their dimensions, one after the other: a version comes after those that are less. */
export function compareTimes(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return 0;
}

/** Gives the times of a version. @throws `ZSPINE_INVALID_OPTIONS` when it is none, or of another number of dimensions. */
export function timesOf(version: Version, dimensions: number, path: string): readonly number[] {
  const times = (version as Partial<Version> | null | undefined)?.getInner?.();
  if (!Array.isArray(times)) throw refused([path], "a Version of d2ts", version, "write v(1), or v([1, 0])");
  if (times.length === dimensions) return times;
  const advice = `open the index with { dimensions: ${times.length} }, or pass a version of this scope`;
  throw refused([path], `a version of ${dimensions} dimensions, as the index has`, times, advice);
}

/** Gives the versions of a frontier. @throws `ZSPINE_INVALID_OPTIONS` when it is none, or of another number of dimensions. */
export function checkFrontier(frontier: Antichain, dimensions: number): Antichain {
  const elements = (frontier as Partial<Antichain> | null | undefined)?.elements;
  if (!Array.isArray(elements))
    throw refused(["frontier"], "an Antichain of d2ts", frontier, "write new Antichain([v(1)])");
  for (const version of elements) timesOf(version, dimensions, "frontier");
  return frontier;
}

/** Makes the error for what is before the frontier; it begins as that of d2ts does. */
export function invalidVersion(what: string, frontier: Antichain): ZspineError {
  const advice = `history before it is folded; nothing was changed`;
  return new ZspineError(
    "ZSPINE_TIME_PASSED",
    `Invalid version: ${what} is before ${quote(String(frontier))}; ${advice}`,
  );
}

/** Makes the error for a frontier that would go back; it begins as that of d2ts does. */
export function invalidFrontier(wanted: Antichain, frontier: Antichain): ZspineError {
  const message = `Invalid compaction frontier: ${quote(String(wanted))} is not in advance of ${quote(String(frontier))}`;
  return new ZspineError("ZSPINE_TIME_REGRESSED", `${message}; nothing was changed`);
}
