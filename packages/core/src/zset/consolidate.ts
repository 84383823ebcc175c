import { refused } from "../input/refused.ts";
import type { Layout } from "../schema/layout.ts";
import { consolidatePairs, type IndexedZSet, type IndexedZSetRowInput } from "./indexed-zset.ts";
import { consolidateItems, type ZSet, type ZSetRowInput } from "./zset.ts";

/**
 * Consolidates raw rows into a Z-set: sorts them, adds up the weights of equal rows, and drops those that
 * come to 0. What `ZSet.from` and `IndexedZSet.from` do, for one who has a layout at hand, as of
 * `layoutOf(schema)` or of another Z-set. Cost O(n), sorting included.
 *
 * Laws: the order of the rows does not matter, nor how they are split: the sum of two runs consolidated is
 * both consolidated together.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path where a row is not of the schema; `ZSPINE_WEIGHT_RANGE`
 *   when a weight or a sum is no integer within ±(2⁵³−1).
 */
export function consolidate<T>(layout: Layout<T, undefined>, rows: Iterable<ZSetRowInput<T>>): ZSet<T>;
export function consolidate<K, V>(
  layout: Layout<K, V>,
  rows: Iterable<IndexedZSetRowInput<K, V>>,
): IndexedZSet<K, V>;
export function consolidate(
  layout: Layout,
  rows: Iterable<ZSetRowInput<unknown>> | Iterable<IndexedZSetRowInput<unknown, unknown>>,
): ZSet<unknown> | IndexedZSet<unknown, unknown> {
  if (layout?.value?.kind === undefined)
    throw refused(["consolidate"], "a layout, as of layoutOf(schema)", layout);
  return layout.value.kind === "nothing"
    ? consolidateItems(layout as Layout<unknown, undefined>, rows as Iterable<ZSetRowInput<unknown>>)
    : consolidatePairs(layout, rows as Iterable<IndexedZSetRowInput<unknown, unknown>>);
}
