import type { Part } from "../batch/part.ts";
import { checkZSet, withParts, type AnyZSet } from "./any-zset.ts";
import { RowPicker } from "./row-picker.ts";

/**
 * Makes a set of a Z-set: rows with a positive weight get weight 1, the others go. Cost O(rows); parts in
 * which nothing changes are shared by reference.
 *
 * Law: idempotent, `distinct(distinct(a))` equals `distinct(a)`. Not linear: an incremental engine needs
 * the state beside the delta.
 */
export function distinct<Z extends AnyZSet>(zset: Z): Z {
  return reweigh("distinct", zset, (weight) => (weight > 0 ? 1 : 0));
}

/**
 * Keeps the rows with a positive weight, as they are. Cost O(rows); parts in which nothing changes are
 * shared by reference.
 *
 * Laws: idempotent; `a` equals `subtract(positive(a), positive(negate(a)))`.
 */
export function positive<Z extends AnyZSet>(zset: Z): Z {
  return reweigh("positive", zset, (weight) => (weight > 0 ? weight : 0));
}

function reweigh<Z extends AnyZSet>(what: string, zset: Z, weightOf: (weight: number) => number): Z {
  checkZSet(what, zset);
  const picker = new RowPicker(zset.layout);
  for (const part of zset.batch.parts) picker.reweigh(part, newWeights(part, weightOf));
  return withParts(zset, picker.finish());
}

function newWeights(part: Part, weightOf: (weight: number) => number): Float64Array {
  const weights = new Float64Array(part.weights.length);
  for (let row = 0; row < weights.length; row++) weights[row] = weightOf(part.weights[row]!);
  return weights;
}
