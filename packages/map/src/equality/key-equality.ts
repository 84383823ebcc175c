import type { HashSeed } from "@zspine/core/engine";

/**
 * What makes two keys of a map one key.
 *
 * The law: `equals` is an equivalence, and for every seed equal keys have equal hashes. Whoever lets others
 * choose keys lets the seed decide the hash, else they can choose keys that collide and make every access
 * linear. Two maps are combined at the full speed only when they share one `KeyEquality` object and seed.
 */
export interface KeyEquality<K> {
  /** Hashes `key` to 32 bits, signed or unsigned. */
  hash(key: K, seed: HashSeed): number;
  /** Tells whether `a` and `b` are the same key. */
  equals(a: K, b: K): boolean;
}

/** A {@link KeyEquality} and the seed in use: what maps must share to have the same shape for the same keys. */
export class KeyHashing<K> {
  readonly equality: KeyEquality<K>;
  readonly seed: HashSeed;

  constructor(equality: KeyEquality<K>, seed: HashSeed) {
    this.equality = equality;
    this.seed = { k0: seed.k0 | 0, k1: seed.k1 | 0 };
  }

  /** Hashes `key` to a signed 32-bit integer. */
  hash(key: K): number {
    return this.equality.hash(key, this.seed) | 0;
  }

  /** Tells whether `a` and `b` are the same key; identical ones are not looked at. */
  isSame(a: K, b: K): boolean {
    return a === b || this.equality.equals(a, b);
  }

  /** Tells whether maps of this hashing and of `other` have the same shape for the same keys. */
  agreesWith(other: KeyHashing<K>): boolean {
    if (this === other) return true;
    return (
      this.equality === other.equality && this.seed.k0 === other.seed.k0 && this.seed.k1 === other.seed.k1
    );
  }
}
