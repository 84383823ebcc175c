import { quote } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";

/** The largest weight; the smallest is its negative. Sums of two weights in range are told exactly. */
export const WEIGHT_MAX: number = Number.MAX_SAFE_INTEGER;

/** Throws `ZSPINE_WEIGHT_RANGE` unless `weight` is an integer within ±(2⁵³−1). */
export function checkWeight(weight: unknown): asserts weight is number {
  if (!Number.isSafeInteger(weight)) {
    throw new ZspineError(
      "ZSPINE_WEIGHT_RANGE",
      `a weight must be an integer within ±(2^53 − 1), found ${quote(weight)}; nothing was applied`,
      { path: ["weight"] },
    );
  }
}

/** Adds two weights. @throws `ZSPINE_WEIGHT_RANGE` when their sum leaves the range. */
export function addWeights(a: number, b: number): number {
  const sum = a + b;
  if (Math.abs(sum) <= WEIGHT_MAX) return sum;
  throw weightOverflow("a sum of weights");
}

/** Makes the error for a sum of weights that left the range. */
export function weightOverflow(what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_WEIGHT_RANGE",
    `${what} would leave ±(2^53 − 1); nothing was applied; scale the weights down or split the data`,
  );
}
