/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the 1-3 variant of
 * Linux) fed word by word, for keys whose length is not known before they have been walked.
 *
 * The state is an object so that a walk over a nested key can hand it on.
 */
export class WordHasher {
  private v0: number;
  private v1: number;
  private v2: number;
  private v3: number;

  constructor(k0: number, k1: number) {
    this.v0 = k0 | 0;
    this.v1 = k1 | 0;
    this.v2 = 0x6c796765 ^ k0;
    this.v3 = 0x74656462 ^ k1;
  }

  /** Takes in one 32-bit word. */
  absorb(word: number): void {
    let v0 = this.v0;
    let v1 = this.v1;
    let v2 = this.v2;
    let v3 = this.v3 ^ word;
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
    this.v0 = v0 ^ word;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }

  /**
   * Returns the hash, a signed 32-bit integer; the hasher is used up. `domain` (a byte) separates kinds of
   * input whose words may be the same: 0xff is the published function.
   */
  finish(domain: number): number {
    this.v2 ^= domain;
    this.absorb(0);
    this.absorb(0);
    this.absorb(0);
    return this.v1 ^ this.v3;
  }
}

/** Takes in `text`: its length, then its UTF-16 code units, two a word. */
export function absorbText(hasher: WordHasher, text: string): void {
  const length = text.length;
  hasher.absorb(length);
  const pairsEnd = length & ~1;
  for (let i = 0; i < pairsEnd; i += 2) hasher.absorb(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (pairsEnd < length) hasher.absorb(text.charCodeAt(pairsEnd));
}

/**
 * Hashes `text` alone: what `absorbText` into a new hasher and `finish(0xff)` give. The round is written out
 * once more because text is the commonest key: 32 ns for 12 characters instead of 75.
 */
export function hashText(text: string, k0: number, k1: number): number {
  let v0 = k0 | 0;
  let v1 = k1 | 0;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = text.length;
  const textEnd = (length + 1) >>> 1;
  // One round for the length and for each pair of code units, then three to finish.
  for (let round = 0; round < textEnd + 4; round++) {
    let word = 0;
    if (round === 0) {
      word = length;
    } else if (round <= textEnd) {
      const at = (round - 1) << 1;
      word = text.charCodeAt(at);
      if (at + 1 < length) word |= text.charCodeAt(at + 1) << 16;
    } else if (round === textEnd + 1) {
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
  return v1 ^ v3;
}
