/** Mixes a word into a checksum; contestants in other languages do the same. Start with 0, end with `>>> 0`. */
export function mix(sum: number, word: number): number {
  const mixed = Math.imul((sum << 5) ^ (sum >>> 27) ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
