import { consolidate, negate, type IndexedZSet } from "@zspine/core";
import type { Trace } from "@zspine/store";

/**
 * Holds rows back until they are due: adds a delta to those that wait, under the time at which each is due, and
 * takes out all that are due by now. Whoever waits is in the trace, so that a restart forgets nobody. The trace
 * is ordered by time, so this costs what comes and what goes, however many wait.
 *
 * @returns What is due, weights as they are.
 */
export function releaseDue<T, V>(
  waiting: Trace<T, V>,
  delta: IndexedZSet<T, V>,
  now: NoInfer<T>,
): IndexedZSet<T, V> {
  waiting.insertBatch(delta);
  using snapshot = waiting.snapshot();
  const due = consolidate(delta.layout, snapshot.rows({ lte: now }));
  waiting.insertBatch(negate(due));
  return due;
}
