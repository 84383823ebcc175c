/**
 * The `index`-th number of a sequence of random numbers in [0, 1) that is the same for the same seed
 * (mulberry32). It follows from its place alone, so a job that resumes has no generator to remember.
 */
export function randomAt(seed: number, index: number): number {
  const state = (seed + Math.imul(index + 1, 0x6d2b79f5)) | 0;
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}
