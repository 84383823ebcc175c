import { WEIGHT_MAX, weightOverflow } from "./weight.ts";

/** Adds to the weights of planned rows, whatever the sums on the way: those that leave the range may come back with the next input. */
export class PlannedSums {
  /** Exact sums by their rows in the plan of those that have left the range; nearly always missing. */
  private large: Map<number, bigint> | undefined;

  /** Adds to the weight of row `at` of a plan. */
  add(weights: Float64Array, at: number, weight: number): void {
    const total = weights[at]! + weight;
    if (this.large === undefined && total <= WEIGHT_MAX && total >= -WEIGHT_MAX) {
      weights[at] = total;
      return;
    }
    this.large ??= new Map();
    this.large.set(at, (this.large.get(at) ?? BigInt(weights[at]!)) + BigInt(weight));
  }

  /** Puts the sums into the plan once all inputs are in. @throws `ZSPINE_WEIGHT_RANGE` when one of them is out of range. */
  settle(weights: Float64Array): void {
    if (this.large === undefined) return;
    for (const [at, exact] of this.large) {
      const weight = Number(exact);
      if (!Number.isSafeInteger(weight)) throw weightOverflow("a sum of weights");
      weights[at] = weight;
    }
    this.large = undefined;
  }
}
