import { add, join, keysOf, type IndexedZSet, type KeyedValue, type SchemaOf } from "@zspine/core";
import type { Change } from "./change.ts";

/**
 * Joins two changing traces by key. A join is bilinear, so what changes in it is
 *
 *     Δ(a ⋈ b) = Δa ⋈ b + a ⋈ Δb + Δa ⋈ Δb
 *
 * with a and b as they were before. Of each of them only the keys of the other's delta are read: the cost is
 * that of the deltas and of what matches them, however large a and b are.
 *
 * @param combine Makes a row of what comes out, of one row of each side.
 */
export function joinChanges<K, A, B, RK, RV, const C extends KeyedValue<RK, RV>>(
  left: Change<K, A>,
  right: Change<K, B>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  combine: (key: K, left: A, right: B) => C,
): IndexedZSet<RK, RV> {
  const joined = (a: IndexedZSet<K, A>, b: IndexedZSet<K, B>): IndexedZSet<RK, RV> =>
    join(a, b, keySchema, valueSchema, combine);

  const a = left.before.semijoin(keysOf(right.delta));
  const b = right.before.semijoin(keysOf(left.delta));
  return add(add(joined(left.delta, b), joined(a, right.delta)), joined(left.delta, right.delta));
}
