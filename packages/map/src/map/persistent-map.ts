import { buildNode } from "../trie/build-node.ts";
import { chooseEntries } from "../trie/choose-entries.ts";
import { type Combination, combineNodes } from "../trie/combine.ts";
import { removeEntry, setEntry } from "../trie/edit.ts";
import { EntryWalk, visitEntries } from "../trie/entry-walk.ts";
import { equalNodes } from "../trie/equal-nodes.ts";
import type { HashSeed } from "@zspine/core/engine";
import { type KeyEquality, KeyHashing } from "../equality/key-equality.ts";
import { KeyView } from "./key-view.ts";
import { PersistentMapBuilder } from "./persistent-map-builder.ts";
import { structuralEquality } from "../equality/structural-equality.ts";
import { ABSENT, type Absent, emptyNode, findValue, type TrieNode } from "../trie/trie-node.ts";

/** How a new map hashes and compares its keys. Maps that derive from one map share its way. */
export interface PersistentMapOptions<K> {
  /** What makes two keys one key; by value when left out. */
  readonly equality?: KeyEquality<K> | undefined;
  /** The seed of the hash; drawn from `random` when left out. */
  readonly seed?: HashSeed | undefined;
  /** A source of random unsigned 32-bit integers; `crypto.getRandomValues` when left out. */
  readonly random?: (() => number) | undefined;
}

/**
 * An immutable hash map. Every change returns a new map that shares with the old one all but a path of nodes.
 *
 * A CHAMP trie, 32 places a node (Steindorfer and Vinju, OOPSLA 2015; see `trie-node.ts`). Of one set of keys
 * and one seed there is one shape, so that equality, deltas and set operations walk two maps side by side and
 * skip the nodes that both share.
 *
 * The order of iteration follows the hash: for one seed and set of keys it is always the same (but for keys
 * whose whole hashes are equal), and it means nothing else. Of equal keys the object that came first stays.
 *
 * Operations on two maps are at their best when both derive from one map, or were given the same seed and
 * equality. Otherwise the second is built anew with the first one's hashing, O(m) more.
 *
 * ```ts
 * const one = PersistentMap.from([["a", 1], ["b", 2]]);
 * const two = one.set("b", 3);
 * one.get("b"); // 2
 * two.unionWithV(one, (a, b) => (a === b ? undefined : a + b)).get("b"); // 5
 * ```
 */
export class PersistentMap<K, V> implements Iterable<[K, V]> {
  /** @internal */
  readonly hashing: KeyHashing<K>;
  /** @internal */
  readonly root: TrieNode<K, V>;

  /** @internal Use `PersistentMap.empty` or `PersistentMap.from`. */
  constructor(hashing: KeyHashing<K>, root: TrieNode<K, V>) {
    this.hashing = hashing;
    this.root = root;
  }

  /** Makes a map without entries. */
  static empty<K, V>(options: PersistentMapOptions<K> = {}): PersistentMap<K, V> {
    const random = options.random ?? randomWord;
    const seed = options.seed ?? { k0: random(), k1: random() };
    return new PersistentMap<K, V>(new KeyHashing(options.equality ?? structuralEquality, seed), emptyNode());
  }

  /** Makes a map of `entries`; of equal keys the last value counts. O(n). */
  static from<K, V>(
    entries: Iterable<readonly [K, V]>,
    options: PersistentMapOptions<K> = {},
  ): PersistentMap<K, V> {
    const flat: unknown[] = [];
    // Not by destructuring, which asks every entry for an iterator.
    for (const entry of entries) flat.push(entry[0], entry[1]);
    const { hashing } = PersistentMap.empty<K, V>(options);
    return new PersistentMap(hashing, buildNode(hashing, flat));
  }

  /** The number of entries. O(1). */
  get size(): number {
    return this.root.size;
  }

  /** Returns the value of `key`, or `undefined`. O(log₃₂ n). */
  get(key: K): V | undefined {
    const found = findValue(this.root, this.hashing, this.hashing.hash(key), key);
    return found === ABSENT ? undefined : found;
  }

  /** Tells whether `key` is there. O(log₃₂ n). */
  has(key: K): boolean {
    return findValue(this.root, this.hashing, this.hashing.hash(key), key) !== ABSENT;
  }

  /** Returns the map with `key` set to `value`; the map itself where that is its value. O(log₃₂ n). */
  set(key: K, value: V): PersistentMap<K, V> {
    return this.withRoot(setEntry(this.root, this.hashing, undefined, 0, this.hashing.hash(key), key, value));
  }

  /** Returns the map without `key`; the map itself where it is absent. O(log₃₂ n). */
  remove(key: K): PersistentMap<K, V> {
    return this.withRoot(removeEntry(this.root, this.hashing, undefined, 0, this.hashing.hash(key), key));
  }

  /** Returns the value of `key` and the map without it; `undefined` where it is absent. O(log₃₂ n). */
  tryRemove(key: K): readonly [value: V, rest: PersistentMap<K, V>] | undefined {
    const hash = this.hashing.hash(key);
    const found = findValue(this.root, this.hashing, hash, key);
    if (found === ABSENT) return undefined;
    return [found, this.withRoot(removeEntry(this.root, this.hashing, undefined, 0, hash, key))];
  }

  /** Sets `key` to what `change` makes of its value, or removes it where that is `undefined`. O(log₃₂ n). */
  alter(key: K, change: (value: V | undefined) => V | undefined): PersistentMap<K, V> {
    const value = change(this.get(key));
    return value === undefined ? this.remove(key) : this.set(key, value);
  }

  /** Sets `key` to what `change` makes of its value, `undefined` where it is absent. O(log₃₂ n). */
  update(key: K, change: (value: V | undefined) => V): PersistentMap<K, V> {
    return this.set(key, change(this.get(key)));
  }

  /** Returns a builder that starts from this map, for many changes at once. O(1). */
  builder(): PersistentMapBuilder<K, V, PersistentMap<K, V>> {
    return new PersistentMapBuilder<K, V, PersistentMap<K, V>>(this);
  }

  /** Iterates over the entries. `forEach` and `fold` are faster. */
  *entries(): Generator<[K, V], void, undefined> {
    const walk = new EntryWalk(this.root);
    while (walk.advance()) yield [walk.key, walk.value];
  }

  /** Iterates over the entries. */
  [Symbol.iterator](): Generator<[K, V], void, undefined> {
    return this.entries();
  }

  /** Returns the keys as a set that shares this map's nodes. O(1). */
  keys(): KeyView<K> {
    return new KeyView(this.hashing, this.root);
  }

  /** Iterates over the values, in the order of the entries. */
  *values(): Generator<V, void, undefined> {
    const walk = new EntryWalk(this.root);
    while (walk.advance()) yield walk.value;
  }

  /** Calls `visit` for every entry. O(n). */
  forEach(visit: (value: V, key: K) => void): void {
    visitEntries(this.root, visit);
  }

  /** Folds the entries into one value, starting from `initial`. O(n). */
  fold<S>(step: (state: S, value: V, key: K) => S, initial: S): S {
    let state = initial;
    visitEntries(this.root, (value, key) => {
      state = step(state, value, key);
    });
    return state;
  }

  /** Returns the map with every value replaced by `change` of it. O(n). */
  map<W>(change: (value: V, key: K) => W): PersistentMap<K, W> {
    return this.withRoot(chooseEntries<K, V, W>(this.root, change));
  }

  /** Returns the map of the entries that `isKept` holds for; nodes that stay whole are shared. O(n). */
  filter(isKept: (value: V, key: K) => boolean): PersistentMap<K, V> {
    return this.withRoot(
      chooseEntries<K, V, V>(this.root, (value, key) => (isKept(value, key) ? value : ABSENT)),
    );
  }

  /** Maps and filters at once: an entry whose new value is `undefined` is dropped. O(n). */
  choose<W>(change: (value: V, key: K) => W | undefined): PersistentMap<K, W> {
    return this.withRoot(chooseEntries<K, V, W>(this.root, (value, key) => present(change(value, key))));
  }

  /** Returns the entries of both maps; where both have a key, `other`'s value. O(n + m), less what they share. */
  union(other: PersistentMap<K, V>): PersistentMap<K, V> {
    return this.combine<V, V>(other, {
      shared: "keep",
      left: "keep",
      right: "keep",
      both: (_, right) => right,
    });
  }

  /**
   * Returns the entries of both maps; where both have a key, `resolve` of the two values, also where a map
   * meets itself. O(n + m), less the subtrees where only one has entries: those are shared.
   */
  unionWith(other: PersistentMap<K, V>, resolve: (left: V, right: V, key: K) => V): PersistentMap<K, V> {
    return this.combine<V, V>(other, { shared: "walk", left: "keep", right: "keep", both: resolve });
  }

  /**
   * As `unionWith`, but a key for which `resolve` returns `undefined` is dropped. With weights for values and
   * a `resolve` that adds and drops 0, this is the addition of Z-sets.
   */
  unionWithV(
    other: PersistentMap<K, V>,
    resolve: (left: V, right: V, key: K) => V | undefined,
  ): PersistentMap<K, V> {
    return this.combine<V, V>(other, {
      shared: "walk",
      left: "keep",
      right: "keep",
      both: (left, right, key) => present(resolve(left, right, key)),
    });
  }

  /** Returns the entries whose keys `other` has too. O(min(n, m)) nodes, less what they share. */
  intersect(other: PersistentMap<K, unknown>): PersistentMap<K, V> {
    return this.combine<unknown, V>(other, {
      shared: "keep",
      left: "drop",
      right: "drop",
      both: (left) => left,
    });
  }

  /** Returns the keys that both maps have, each with `resolve` of its two values. O(min(n, m)) nodes. */
  intersectWith<W, C>(
    other: PersistentMap<K, W>,
    resolve: (left: V, right: W, key: K) => C,
  ): PersistentMap<K, C> {
    return this.combine<W, C>(other, { shared: "walk", left: "drop", right: "drop", both: resolve });
  }

  /** Returns the entries whose keys `other` does not have. O(min(n, m)) nodes, less what they share. */
  difference(other: PersistentMap<K, unknown>): PersistentMap<K, V> {
    return this.combine<unknown, V>(other, {
      shared: "drop",
      left: "keep",
      right: "drop",
      both: () => ABSENT,
    });
  }

  /** Returns the keys of either map with `change` of the two values, `undefined` for an absent one. O(n + m). */
  map2<W, C>(
    other: PersistentMap<K, W>,
    change: (left: V | undefined, right: W | undefined, key: K) => C,
  ): PersistentMap<K, C> {
    return this.combine<W, C>(other, {
      shared: "walk",
      left: (left, key) => change(left, undefined, key),
      right: (right, key) => change(undefined, right, key),
      both: change,
    });
  }

  /** As `map2`, but a key for which `change` returns `undefined` is dropped. O(n + m). */
  choose2<W, C>(
    other: PersistentMap<K, W>,
    change: (left: V | undefined, right: W | undefined, key: K) => C | undefined,
  ): PersistentMap<K, C> {
    return this.map2(other, (left, right, key) => present(change(left, right, key))) as PersistentMap<K, C>;
  }

  /**
   * Tells whether both maps have the same keys with the same values, compared with `isSameValue`, by value
   * when left out. Ends at the first difference and skips what is shared: O(1) for a map and itself.
   */
  equals(
    other: PersistentMap<K, V>,
    isSameValue: (a: V, b: V) => boolean = structuralEquality.equals,
  ): boolean {
    if (this.size !== other.size) return false;
    return equalNodes(this.hashing, isSameValue, 0, this.root, other.rootFor(this.hashing));
  }

  /** @internal Combines two maps in one walk. */
  combine<W, C>(other: PersistentMap<K, W>, how: Combination<K, V, W, C>): PersistentMap<K, C> {
    return this.withRoot(combineNodes(how, this.hashing, 0, this.root, other.rootFor(this.hashing)));
  }

  private rootFor(hashing: KeyHashing<K>): TrieNode<K, V> {
    if (this.hashing.agreesWith(hashing)) return this.root;
    const flat: unknown[] = [];
    visitEntries(this.root, (value, key) => flat.push(key, value));
    return buildNode(hashing, flat);
  }

  /** @internal The map of `root`; this one when it is this one's root, whatever its type says. */
  withRoot<W>(root: TrieNode<K, W>): PersistentMap<K, W> {
    if ((root as TrieNode<K, unknown>) === this.root)
      return this as PersistentMap<K, unknown> as PersistentMap<K, W>;
    return new PersistentMap(this.hashing, root);
  }
}

function present<W>(value: W | undefined): W | Absent {
  return value === undefined ? ABSENT : value;
}

function randomWord(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}
