import { bitsFor } from "./bit-packing.ts";

/** What one pass over numbers tells about how to encode them. */
export interface NumberStatistics {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  /** The least and the greatest difference of a number to the one before; ±∞ of fewer than two numbers. */
  readonly leastStep: number;
  readonly mostStep: number;
  /** How many runs of equal numbers there are. */
  readonly runs: number;
  /** Whether all are integers within ±(2⁵³ − 1). */
  readonly isSafe: boolean;
}

const SAFE = Number.MAX_SAFE_INTEGER;

/** Measures numbers, at least one. */
export function measureNumbers(values: Float64Array): NumberStatistics {
  const count = values.length;
  let last = values[0]!;
  let least = last;
  let most = last;
  let leastStep = Infinity;
  let mostStep = -Infinity;
  let runs = 1;
  let isWhole = Math.trunc(last) === last;
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    else if (value > most) most = value;
    const step = value - last;
    if (step < leastStep) leastStep = step;
    if (step > mostStep) mostStep = step;
    if (value !== last) runs++;
    if (Math.trunc(value) !== value) isWhole = false;
    last = value;
  }
  const isSafe = isWhole && least >= -SAFE && most <= SAFE;
  return { count, least, most, leastStep, mostStep, runs, isSafe };
}

/** Gives the bits of a number relative to the least one, or of a whole double where those are not exact. */
export function frameWidth({ isSafe, least, most }: NumberStatistics): number {
  return isSafe && most - least <= SAFE ? bitsFor(most - least) : 64;
}

/** Gives the bits of a step relative to the least one; 64 where steps are not exact. */
export function stepWidth({ isSafe, count, leastStep, mostStep }: NumberStatistics): number {
  if (!isSafe || count < 2) return 64;
  const isExact = leastStep >= -SAFE && mostStep <= SAFE && mostStep - leastStep <= SAFE;
  return isExact ? bitsFor(mostStep - leastStep) : 64;
}
