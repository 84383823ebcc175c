import { ZspineError } from "@zspine/core";
import { removeEntry, setEntry } from "../trie/edit.ts";
import type { KeyHashing } from "../equality/key-equality.ts";
import { ABSENT, findValue, type TrieNode } from "../trie/trie-node.ts";

/** What a builder starts from: a map, seen from below. */
interface BuilderSource<K, V, M> {
  readonly hashing: KeyHashing<K>;
  readonly root: TrieNode<K, V>;
  withRoot(root: TrieNode<K, V>): M;
}

/**
 * A map in the making that changes in place, for many edits in a row; `M` is the type of the map. Nodes that it
 * made itself carry its token and are changed; nodes of the map it started from are copied first, so that no map
 * ever changes. `build` gives the token up and ends it.
 */
export class PersistentMapBuilder<K, V, M> {
  private readonly source: BuilderSource<K, V, M>;
  private readonly hashing: KeyHashing<K>;
  private owner: object | undefined = {};
  private root: TrieNode<K, V>;

  /** @internal Use `map.builder()`. */
  constructor(source: BuilderSource<K, V, M>) {
    this.source = source;
    this.hashing = source.hashing;
    this.root = source.root;
  }

  /** The number of entries so far. O(1). */
  get size(): number {
    return this.root.size;
  }

  /** Returns the value of `key` so far, or `undefined`. O(log₃₂ n). */
  get(key: K): V | undefined {
    const found = findValue(this.root, this.hashing, this.hashing.hash(key), key);
    return found === ABSENT ? undefined : found;
  }

  /** Sets `key` to `value` in place. O(log₃₂ n). Throws `ZSPINE_CLOSED` after `build`. */
  set(key: K, value: V): this {
    const owner = this.ownerOrThrow("set a key");
    this.root = setEntry(this.root, this.hashing, owner, 0, this.hashing.hash(key), key, value);
    return this;
  }

  /** Removes `key` in place, if it is there. O(log₃₂ n). Throws `ZSPINE_CLOSED` after `build`. */
  remove(key: K): this {
    const owner = this.ownerOrThrow("remove a key");
    this.root = removeEntry(this.root, this.hashing, owner, 0, this.hashing.hash(key), key);
    return this;
  }

  /** Returns the map, in O(1), and ends the builder. Throws `ZSPINE_CLOSED` when called again. */
  build(): M {
    this.ownerOrThrow("build");
    this.owner = undefined;
    return this.source.withRoot(this.root);
  }

  private ownerOrThrow(what: string): object {
    if (this.owner !== undefined) return this.owner;
    throw new ZspineError(
      "ZSPINE_CLOSED",
      `cannot ${what}: this map builder has already built its map; call builder() on that map to go on`,
    );
  }
}
