import { refused } from "../input/refused.ts";
import { isPromise } from "../input/rows.ts";
import type { Part } from "../batch/part.ts";
import { checkZSet, withParts, type AnyZSet } from "./any-zset.ts";
import type { IndexedZSet } from "./indexed-zset.ts";
import { checkCall, rowCall, type RowFunction } from "./row-call.ts";
import { RowPicker } from "./row-picker.ts";
import type { ZSet } from "./zset.ts";

/**
 * Keeps the rows for which `accepts` says true, with their weights. It is called once a row, in order, with
 * the item, or with key and value. Cost O(rows); a part that is kept whole is shared by reference.
 *
 * Law: linear, `filter(add(a, b))` equals `add(filter(a), filter(b))`: to filter incrementally, filter the
 * deltas.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when it gives a promise, which would be true for every row.
 */
export function filter<T>(zset: ZSet<T>, accepts: (item: T) => boolean): ZSet<T>;
export function filter<K, V>(
  zset: IndexedZSet<K, V>,
  accepts: (key: K, value: V) => boolean,
): IndexedZSet<K, V>;
export function filter(zset: AnyZSet, accepts: RowFunction): AnyZSet {
  checkZSet("filter", zset);
  checkCall("filter", accepts);
  const picker = new RowPicker(zset.layout);
  for (const part of zset.batch.parts) picker.reweigh(part, acceptedOf(part, rowCall(zset, part, accepts)));
  return withParts(zset, picker.finish());
}

/** The weights of a part, 0 where a row is not accepted. */
function acceptedOf(part: Part, isAccepted: (row: number) => unknown): Float64Array {
  const weights = new Float64Array(part.weights.length);
  for (let row = 0; row < weights.length; row++) {
    const answer = isAccepted(row);
    if (isPromise(answer))
      throw refused(["filter"], "true or false, and no promise of it", answer, "wait for it before");
    if (answer) weights[row] = part.weights[row]!;
  }
  return weights;
}
