const HALF = 2 ** 26;

/** Adds up weights, whose sum may be out of the range in which numbers are exact: at most 2²⁶ of them. */
export function exactSum(weights: Float64Array): bigint {
  // In two halves, each of which stays exact: one BigInt a row would cost more than all else of a check.
  let high = 0;
  let low = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    const half = Math.floor(weight / HALF);
    high += half;
    low += weight - half * HALF;
  }
  return BigInt(high) * BigInt(HALF) + BigInt(low);
}
