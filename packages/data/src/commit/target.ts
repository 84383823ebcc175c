import { Trace, type Store } from "@zspine/store";
import { checkTraceOf } from "@zspine/store/trace-kind";
import { refused } from "@zspine/core";
import { TemporalTrace } from "@zspine/temporal";

/** A trace that rows are moved to: one without times, or one with. */
export type TargetTrace<K, V> = Trace<K, V> | TemporalTrace<K, V>;

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no trace of the store. */
export function checkTarget(what: string, store: Store, trace: unknown): void {
  checkTraceOf(store, trace, what);
  if (trace instanceof Trace || trace instanceof TemporalTrace) return;
  throw refused([what], "a trace, as store.trace() or temporalTrace() gives it", trace);
}

/** Whether its rows have times. */
export function isTimed<K, V>(trace: TargetTrace<K, V>): trace is TemporalTrace<K, V> {
  return trace instanceof TemporalTrace;
}

/** Which trace rows were moved to. */
export type StoredTarget = {
  readonly name: string;
  /** Which commit has made it; `null` where it was the one that has the first rows, or is to come. */
  readonly created: number | null;
};

/** What is stored of a target. */
export function storedTarget<K, V>({ name, created }: TargetTrace<K, V>): StoredTarget {
  return { name, created: created ?? null };
}

/** Tells whether a trace is the one that rows were moved to: of its name, and not made anew since. */
export function isTarget<K, V>(trace: TargetTrace<K, V>, stored: StoredTarget): boolean {
  const { name, created } = trace;
  return name === stored.name && wasMadeBy(created, stored.created);
}

/**
 * Tells whether a trace that a commit has made is one that was there at a commit, by the numbers of both: one that was made
 * anew has a later one. In a copy of a store all have its first.
 *
 * @param at The commit that had made it; `null` where that was not known yet.
 */
export function wasMadeBy(created: number | undefined, at: number | null): boolean {
  // What has rows that are committed was made by a commit.
  return created !== undefined && created <= (at ?? created);
}
