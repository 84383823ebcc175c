import { randomIntegers } from "../workload/random-integers.ts";
import { drawZipf } from "./zipf.ts";

const SEED = 20261129;

/** Keys that are looked up, by Zipf's law: those that are asked for often lie beside each other, or anywhere. */
export interface Probes {
  readonly near: Int32Array;
  readonly scattered: Int32Array;
}

/** Draws `count` keys of each kind below `rows`. */
export function drawProbes(rows: number, count: number): Probes {
  const near = drawZipf(rows, count, randomIntegers(SEED));
  const scattered = near.map((rank) => (Math.imul(rank + 1, 0x9e3779b1) >>> 0) % rows);
  return { near, scattered };
}

/** Every number below `rows` once, in an order that is not theirs. */
export function shuffledKeys(rows: number): Int32Array {
  const keys = Int32Array.from({ length: rows }, (_, at) => at);
  const random = randomIntegers(SEED + 1);
  for (let at = rows - 1; at > 0; at--) {
    const other = random(at + 1);
    [keys[at], keys[other]] = [keys[other]!, keys[at]!];
  }
  return keys;
}
