import type { Batch } from "../batch/batch.ts";
import { WEIGHT_MAX, weightOverflow } from "../batch/weight.ts";

/** A sum of weights, exact at every step: a bigint while it is outside ±(2⁵³−1). */
export type WeightSum = number | bigint;

/** Adds a weight to a sum. */
export function addWeight(sum: WeightSum, weight: number): WeightSum {
  if (typeof sum === "number") {
    const next = sum + weight;
    return next >= -WEIGHT_MAX && next <= WEIGHT_MAX ? next : BigInt(sum) + BigInt(weight);
  }
  const next = sum + BigInt(weight);
  return next >= -WEIGHT_MAX && next <= WEIGHT_MAX ? Number(next) : next;
}

/**
 * Gives a sum as a number.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when it is outside ±(2⁵³−1); `what` says which sum.
 */
export function weightOfSum(sum: WeightSum, what: string): number {
  if (typeof sum === "bigint") throw weightOverflow(what);
  return sum;
}

/**
 * Sums all weights of a batch exactly. Free, unless the weights are so large that their sum may be rounded.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when the sum is outside ±(2⁵³−1).
 */
export function totalWeightOf(batch: Batch): number {
  if (batch.length * batch.weightBound <= WEIGHT_MAX) return batch.totalWeight;
  let sum: WeightSum = 0;
  for (const part of batch.parts) for (const weight of part.weights) sum = addWeight(sum, weight);
  return weightOfSum(sum, "the total weight");
}

/**
 * Multiplies two weights.
 *
 * @throws `ZSPINE_WEIGHT_RANGE` when the product is outside ±(2⁵³−1).
 */
export function multiplyWeights(a: number, b: number): number {
  const product = a * b;
  if (product > WEIGHT_MAX || product < -WEIGHT_MAX) throw weightOverflow("a product of weights");
  return product;
}
