/**
 * A filter of absent keys: a Bloom filter (Bloom, 1970) in blocks of 512 bits (Putze, Sanders and
 * Singler, "Cache-, hash- and space-efficient Bloom filters", 2007), so that a question reads one cache
 * line. Ten bits a key and six bits set: about one absent key in a hundred is taken for present, none that
 * is present for absent.
 */
export interface Filter {
  /** Blocks of 16 words. */
  readonly words: Uint32Array;
}

const BITS_PER_KEY = 10;
/** Of each block of a filter. */
export const WORDS_PER_BLOCK = 16;
const BITS_SET = 6;

/** Builds the filter of the keys with the given hashes. */
export function buildFilter(hashes: Uint32Array): Filter {
  const blocks = Math.max(1, Math.ceil((hashes.length * BITS_PER_KEY) / (WORDS_PER_BLOCK * 32)));
  const words = new Uint32Array(blocks * WORDS_PER_BLOCK);
  setBits(words, blocks, hashes);
  return { words };
}

// By itself, as loops over rows in consolidate.ts.
function setBits(words: Uint32Array, blocks: number, hashes: Uint32Array): void {
  for (let i = 0; i < hashes.length; i++) {
    const hash = hashes[i]!;
    const block = blockOf(hash, blocks);
    let bits = spread(hash);
    for (let n = 0; n < BITS_SET; n++) {
      words[block + (bits >>> 28)]! |= 1 << ((bits >>> 23) & 31);
      bits = Math.imul(bits, STEP) + 1;
    }
  }
}

/** Tells whether a key with this hash may be there; `false` is certain. */
export function mayContain(filter: Filter, hash: number): boolean {
  const { words } = filter;
  const block = blockOf(hash, words.length / WORDS_PER_BLOCK);
  let bits = spread(hash);
  for (let n = 0; n < BITS_SET; n++) {
    if ((words[block + (bits >>> 28)]! & (1 << ((bits >>> 23) & 31))) === 0) return false;
    bits = Math.imul(bits, STEP) + 1;
  }
  return true;
}

// The multiplier of a full-period generator modulo 2³² (Knuth, TAOCP 2, 3.3.4); its top bits are the good ones.
const STEP = 1664525;

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function blockOf(hash: number, blocks: number): number {
  // The high bits by multiplication: a division would cost more than the rest.
  return Math.floor((hash / 4294967296) * blocks) * WORDS_PER_BLOCK;
}
