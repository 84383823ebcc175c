import { randomAt } from "../src/seeded-random.ts";

/** Makes a generator of numbers in [0, 1) that gives the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let index = 0;
  return () => randomAt(seed, index++);
}
