/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): a keyed hash of
 * 32-bit words, so that nobody who does not know the two seeds can craft keys that collide.
 *
 * Hashes of several columns are chained: each column's hash takes the hash so far as its first word. The
 * round is written out where it is used, here and in word-hasher.ts: its four words do not survive a call in
 * registers, and a hash takes twice the time then.
 */

/** The key of a hash: two random unsigned 32-bit integers. */
export interface HashSeed {
  readonly k0: number;
  readonly k1: number;
}

const INITIAL_2 = 0x6c796765;
const INITIAL_3 = 0x74656462;

/** Hashes three words. Returns an unsigned 32-bit integer. */
export function hashWords(word0: number, word1: number, word2: number, seed: HashSeed): number {
  let v0 = seed.k0;
  let v1 = seed.k1;
  let v2 = INITIAL_2 ^ seed.k0;
  let v3 = INITIAL_3 ^ seed.k1;
  // One round for each word and for the length, then three to finish.
  for (let round = 0; round < 7; round++) {
    const word =
      round === 0 ? word0 : round === 1 ? word1 : round === 2 ? word2 : round === 3 ? 0x0c000000 : 0;
    v3 ^= word;
    if (round === 4) v2 ^= 0xff;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

/** Hashes `bytes[start, end)` after the word `chained`. Returns an unsigned 32-bit integer. */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  chained: number,
  seed: HashSeed,
): number {
  let v0 = seed.k0;
  let v1 = seed.k1;
  let v2 = INITIAL_2 ^ seed.k0;
  let v3 = INITIAL_3 ^ seed.k1;
  const length = end - start;
  const whole = length >>> 2;
  const rounds = whole + 5;
  for (let round = 0; round < rounds; round++) {
    let word = 0;
    if (round === 0) {
      word = chained;
    } else if (round <= whole) {
      const at = start + ((round - 1) << 2);
      word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    } else if (round === whole + 1) {
      // The rest of the bytes, and the length (of these and the chained word) in the top byte.
      word = (length + 4) << 24;
      const at = start + (whole << 2);
      const rest = length & 3;
      if (rest > 2) word |= bytes[at + 2]! << 16;
      if (rest > 1) word |= bytes[at + 1]! << 8;
      if (rest > 0) word |= bytes[at]!;
    } else if (round === whole + 2) {
      v2 ^= 0xff;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
