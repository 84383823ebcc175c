// @ts-check
// A seeded sample of mutations: the same seed and the same sources give the same ones, and a smaller sample is the
// beginning of a larger one.

/**
 * Chance from a seed: mulberry32 (Ettinger, 2017).
 * @param {number} seed
 * @returns {() => number} from 0, below 1
 */
function chances(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @template T
 * @param {readonly T[]} all
 * @param {number} count
 * @param {number} seed
 * @returns {T[]}
 */
export function sampleOf(all, count, seed) {
  const next = chances(seed);
  const left = [...all];
  const sample = [];
  while (sample.length < count && left.length > 0) {
    const at = Math.floor(next() * left.length);
    sample.push(/** @type {T} */ (left[at]));
    left[at] = /** @type {T} */ (left.at(-1));
    left.pop();
  }
  return sample;
}
