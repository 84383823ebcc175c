import { refused } from "@zspine/core";
import { EntryWalk } from "../trie/entry-walk.ts";
import { equalNodes } from "../trie/equal-nodes.ts";
import type { KeyHashing } from "../equality/key-equality.ts";
import { ABSENT, findValue, type TrieNode } from "../trie/trie-node.ts";

/** The keys of a persistent map as a set: immutable, made in O(1), sharing the map's nodes. */
export class KeyView<K> implements Iterable<K> {
  private readonly hashing: KeyHashing<K>;
  private readonly root: TrieNode<K, unknown>;

  /** @internal Use `map.keys()`. */
  constructor(hashing: KeyHashing<K>, root: TrieNode<K, unknown>) {
    this.hashing = hashing;
    this.root = root;
  }

  /** The number of keys. O(1). */
  get size(): number {
    return this.root.size;
  }

  /** Tells whether `key` is one of the keys. O(log₃₂ n). */
  has(key: K): boolean {
    return findValue(this.root, this.hashing, this.hashing.hash(key), key) !== ABSENT;
  }

  /**
   * Tells whether both have the same keys. O(n) at most: what the two share is not walked. Views of maps
   * with unlike hashing are compared by look-ups.
   */
  equals(other: KeyView<K>): boolean {
    if (!(other instanceof KeyView)) throw refused(["keys"], "the keys() of a PersistentMap", other);
    if (this.hashing.agreesWith(other.hashing))
      return equalNodes(this.hashing, () => true, 0, this.root, other.root);
    if (this.size !== other.size) return false;
    for (const key of this) if (!other.has(key)) return false;
    return true;
  }

  /** Iterates over the keys, in the order of the map's entries. */
  *[Symbol.iterator](): Generator<K, void, undefined> {
    const walk = new EntryWalk(this.root);
    while (walk.advance()) yield walk.key;
  }
}
