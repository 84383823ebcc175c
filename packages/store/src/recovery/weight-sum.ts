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

/**
 * Tells whether `sum` may be what adding weights up as numbers has come to, in whatever order and grouping: exactly
 * their sum where that cannot have been rounded, and else at most as far from it as rounding goes.
 */
export function isRoundedSum(weights: Float64Array, sum: number): boolean {
  const off = BigInt(sum) - exactSum(weights);
  const magnitude = exactSum(weights.map(Math.abs));
  if (magnitude <= BigInt(Number.MAX_SAFE_INTEGER)) return off === 0n;
  // Each of n − 1 additions is off by at most half a unit in the last of 53 places of what it gives.
  const bound = (BigInt(weights.length) * magnitude) >> 52n;
  return (off < 0n ? -off : off) <= bound;
}
