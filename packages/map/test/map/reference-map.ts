// The slow, obvious map: what PersistentMap must agree with, operation by operation, over the standard Map.

/** One edit of a map from number to number. */
export type Edit =
  | { readonly op: "set"; readonly key: number; readonly value: number }
  | { readonly op: "remove"; readonly key: number };

export function edit(map: ReadonlyMap<number, number>, edits: readonly Edit[]): Map<number, number> {
  const next = new Map(map);
  for (const one of edits) {
    if (one.op === "set") next.set(one.key, one.value);
    else next.delete(one.key);
  }
  return next;
}

/** The keys of either map, each with `change` of its values, without those that become undefined. */
export function combine<A, B, C>(
  left: ReadonlyMap<number, A>,
  right: ReadonlyMap<number, B>,
  change: (left: A | undefined, right: B | undefined, key: number) => C | undefined,
): Map<number, C> {
  const combined = new Map<number, C>();
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const value = change(left.get(key), right.get(key), key);
    if (value !== undefined) combined.set(key, value);
  }
  return combined;
}

/** Entries in the order of their keys, to compare by. */
export function sorted<V>(entries: Iterable<readonly [number, V]>): (readonly [number, V])[] {
  return [...entries].sort((a, b) => a[0] - b[0]);
}
