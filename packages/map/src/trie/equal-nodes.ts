import type { KeyHashing } from "../equality/key-equality.ts";
import { COLLISION_SHIFT, findCollision, LEVEL_BITS, type TrieNode } from "./trie-node.ts";

/**
 * Tells whether two tries whose hashing agrees hold the same keys with the same values. Canonical shapes make
 * it a walk side by side: the first difference of a bitmap ends it, and what is shared is not walked.
 */
export function equalNodes<K, V>(
  hashing: KeyHashing<K>,
  isSameValue: (a: V, b: V) => boolean,
  shift: number,
  a: TrieNode<K, V>,
  b: TrieNode<K, V>,
): boolean {
  if (a === b) return true;
  if (a.size !== b.size || a.dataMap !== b.dataMap || a.nodeMap !== b.nodeMap) return false;
  const { length, entriesEnd } = a;
  for (let slot = 0; slot < entriesEnd; slot += 2) {
    const found = shift < COLLISION_SHIFT ? slot : findCollision(b, hashing, a.keyAt(slot));
    if (found < 0 || !hashing.isSame(a.keyAt(slot), b.keyAt(found))) return false;
    if (!isSameValue(a.valueAt(slot), b.valueAt(found))) return false;
  }
  for (let slot = entriesEnd; slot < length; slot++) {
    if (!equalNodes(hashing, isSameValue, shift + LEVEL_BITS, a.childAt(slot), b.childAt(slot))) return false;
  }
  return true;
}
