/**
 * Divides `total` bytes among those who ask for some, in proportion to their weights, and nobody gets more than it
 * asks for: what one leaves goes to the others. Whoever is not given all that it asks for has at least as much by
 * weight as anybody else, to the byte. (Water-filling: weighted max–min fairness; Bertsekas and Gallager, *Data
 * Networks*, 1992, §6.5.2.)
 *
 * @param asks In bytes, at least 0. What is given in part is whole bytes.
 * @param weights One for each, more than 0.
 * @returns The share of each, in the order of `asks`; together not more than `total`. Cost: O(n log n), and O(n) when
 *   all of them fit.
 */
export function fill(total: number, asks: readonly number[], weights: readonly number[]): number[] {
  if (sumOf(asks) <= total) return [...asks];
  // From the one that is soonest content. Weights are added up from the end, so that the last one is by itself exactly.
  const order = asks.map((_, at) => at).sort((a, b) => asks[a]! / weights[a]! - asks[b]! / weights[b]!);
  const shares = asks.map(() => 0);
  const weightFrom = [...weights];
  order.reduceRight((sum, at) => (weightFrom[at] = sum + weights[at]!), 0);
  let left = Math.max(0, total);
  for (const at of order) {
    shares[at] = Math.min(asks[at]!, Math.floor(left * (weights[at]! / weightFrom[at]!)));
    left -= shares[at];
  }
  return shares;
}

/** The sum of numbers. */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
