import { consolidate, subtract, type IndexedZSet } from "@zspine/core";
import type { Row, Snapshot } from "@zspine/store";
import type { Change } from "./change.ts";

/**
 * Keeps the `k` rows of a changing trace that are greatest by key. The trace is ordered, so they are its
 * last: reading them backwards before and after costs k rows, however many there are, and nothing is kept
 * but the trace itself. When one of them goes, the next is there to take its place.
 *
 * A row counts as often as its weight says, as it does for `LIMIT` in SQL.
 */
export function topKChange<K, V>(input: Change<K, V>, k: number): IndexedZSet<K, V> {
  const { layout } = input.delta;
  return subtract(
    consolidate(layout, lastRows(input.after, k)),
    consolidate(layout, lastRows(input.before, k)),
  );
}

function* lastRows<K, V>(state: Snapshot<K, V>, k: number): Generator<Row<K, V>> {
  let left = k;
  for (const { key, value, weight } of state.rows({ reverse: true })) {
    if (left === 0) return;
    if (weight < 0) continue;
    yield { key, value, weight: Math.min(weight, left) };
    left -= Math.min(weight, left);
  }
}
