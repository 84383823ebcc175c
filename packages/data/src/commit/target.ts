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
