import type { IndexedZSet } from "@zspine/core";
import type { Snapshot, Trace } from "@zspine/store";

/**
 * One step of a stream whose sum is kept in a trace: what was there, what is added, what is there then. An
 * operator makes of the changes of its inputs the delta of its output, and that is applied to a trace again.
 */
export interface Change<K, V> extends Disposable {
  readonly before: Snapshot<K, V>;
  readonly delta: IndexedZSet<K, V>;
  readonly after: Snapshot<K, V>;
}

/**
 * Adds a delta to a trace. Costs the delta, for a snapshot is free; dispose of the change when the step is
 * done, so that what came before it and what came with it may be merged.
 */
export function addDelta<K, V>(trace: Trace<K, V>, delta: IndexedZSet<K, V>): Change<K, V> {
  const before = trace.snapshot();
  trace.insertBatch(delta);
  const after = trace.snapshot();
  return {
    before,
    delta,
    after,
    [Symbol.dispose]() {
      before.close();
      after.close();
    },
  };
}
