import { checkMap, type PersistentMap } from "./persistent-map.ts";
import { structuralEquality } from "../equality/structural-equality.ts";
import { ABSENT } from "../trie/trie-node.ts";

/** What becomes of one key. */
export type MapChange<V> = { readonly op: "set"; readonly value: V } | { readonly op: "remove" };

/** A change from one map to another: what becomes of each key that changes. */
export type MapDelta<K, V> = PersistentMap<K, MapChange<V>>;

const REMOVE: MapChange<never> = Object.freeze({ op: "remove" });

/**
 * Returns what changes from `from` to `to`: applied to `from` it gives `to`.
 *
 * Subtrees that the two maps share are skipped by reference, so that for two versions of a map it costs what
 * changed between them, O(d log₃₂ n) for d changed keys, whatever their size. Values that are not identical
 * are compared with `isSameValue`, by value when left out. For maps with unlike seeds or equalities it costs
 * O(n). After `HashMap.computeDelta` of FSharp.Data.Adaptive.
 */
export function computeDelta<K, V>(
  from: PersistentMap<K, V>,
  to: PersistentMap<K, V>,
  isSameValue: (a: V, b: V) => boolean = structuralEquality.equals,
): MapDelta<K, V> {
  checkMap(from);
  return from.combine<V, MapChange<V>>(to, {
    shared: "drop",
    left: () => REMOVE,
    right: (value) => ({ op: "set", value }),
    both: (before, value) =>
      Object.is(before, value) || isSameValue(before, value) ? ABSENT : { op: "set", value },
  });
}

/**
 * Applies `delta` to `state`. Returns the new state and the effective delta: `delta` without the changes that
 * changed nothing, such as removing a key that is absent. A state to which nothing happens comes back itself.
 *
 * Costs O(d log₃₂ n) for d changes. A value that `isSameValue` holds equal stays the object that it was.
 */
export function applyDelta<K, V>(
  state: PersistentMap<K, V>,
  delta: MapDelta<K, V>,
  isSameValue: (a: V, b: V) => boolean = structuralEquality.equals,
): readonly [state: PersistentMap<K, V>, effective: MapDelta<K, V>] {
  checkMap(state);
  const next = state.combine<MapChange<V>, V>(delta, {
    shared: "walk",
    left: "keep",
    right: (change) => (change.op === "set" ? change.value : ABSENT),
    both: (before, change) => {
      if (change.op === "remove") return ABSENT;
      return isSameValue(before, change.value) ? before : change.value;
    },
  });
  return [next, computeDelta(state, next, isSameValue)];
}

/**
 * Combines two deltas to the one that does `earlier` and then `later`: where both change a key, `later` wins.
 * O(n + m), less what only one of them touches.
 */
export function combineDeltas<K, V>(earlier: MapDelta<K, V>, later: MapDelta<K, V>): MapDelta<K, V> {
  checkMap(earlier);
  return earlier.union(later);
}
