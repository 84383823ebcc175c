import type { KeyHashing } from "../equality/key-equality.ts";
import {
  bitAt,
  COLLISION_SHIFT,
  emptyNode,
  findCollision,
  LEVEL_BITS,
  pairNode,
  TrieNode,
} from "./trie-node.ts";

/**
 * Changes of one entry: the path from the root is copied and everything beside it is shared. Nodes that
 * `owner` made are changed in place instead. Where nothing changes the same node comes back.
 */

/** Sets `key` to `value` below `node`; a key that is there stays the same object. */
export function setEntry<K, V>(
  node: TrieNode<K, V>,
  hashing: KeyHashing<K>,
  owner: object | undefined,
  shift: number,
  hash: number,
  key: K,
  value: V,
): TrieNode<K, V> {
  if (shift >= COLLISION_SHIFT) return setCollision(node, hashing, owner, key, value);
  const bit = bitAt(hash, shift);
  if ((node.dataMap & bit) !== 0) {
    const slot = node.entrySlot(bit);
    const present = node.keyAt(slot);
    if (hashing.isSame(present, key)) return setSlot(node, owner, slot + 1, value, node.size);
    const below = shift + LEVEL_BITS;
    const presentHash = hashing.hash(present);
    const child = pairNode(owner, below, presentHash, present, node.valueAt(slot), hash, key, value);
    return sinkEntry(node, owner, bit, child);
  }
  if ((node.nodeMap & bit) !== 0) {
    const slot = node.childSlot(bit);
    const child = node.childAt(slot);
    const before = child.size;
    const after = setEntry(child, hashing, owner, shift + LEVEL_BITS, hash, key, value);
    return setSlot(node, owner, slot, after, node.size - before + after.size);
  }
  return addEntry(node, owner, bit, node.entrySlot(bit), key, value);
}

/** Removes `key` below `node`. What remains may be a single entry, which the caller then lifts. */
export function removeEntry<K, V>(
  node: TrieNode<K, V>,
  hashing: KeyHashing<K>,
  owner: object | undefined,
  shift: number,
  hash: number,
  key: K,
): TrieNode<K, V> {
  if (shift >= COLLISION_SHIFT) {
    const slot = findCollision(node, hashing, key);
    return slot < 0 ? node : dropEntry(node, owner, 0, slot);
  }
  const bit = bitAt(hash, shift);
  if ((node.dataMap & bit) !== 0) {
    const slot = node.entrySlot(bit);
    return hashing.isSame(node.keyAt(slot), key) ? dropEntry(node, owner, bit, slot) : node;
  }
  if ((node.nodeMap & bit) === 0) return node;
  const slot = node.childSlot(bit);
  const child = node.childAt(slot);
  const before = child.size;
  const after = removeEntry(child, hashing, owner, shift + LEVEL_BITS, hash, key);
  if (after.size === before) return node;
  if (after.size === 1) return liftEntry(node, owner, bit, after, node.size - 1);
  return setSlot(node, owner, slot, after, node.size - 1);
}

function setCollision<K, V>(
  node: TrieNode<K, V>,
  hashing: KeyHashing<K>,
  owner: object | undefined,
  key: K,
  value: V,
): TrieNode<K, V> {
  const slot = findCollision(node, hashing, key);
  return slot < 0
    ? addEntry(node, owner, 0, node.length, key, value)
    : setSlot(node, owner, slot + 1, value, node.size);
}

/** Puts `content` in a slot that is there: the only change that is made in place, where `owner` may. */
function setSlot<K, V>(
  node: TrieNode<K, V>,
  owner: object | undefined,
  slot: number,
  content: unknown,
  size: number,
): TrieNode<K, V> {
  if (owner !== undefined && node.owner === owner) {
    node[slot] = content;
    node.size = size;
    return node;
  }
  if (Object.is(node[slot], content)) return node;
  const next = new TrieNode<K, V>(owner, node.dataMap, node.nodeMap, size, node.length);
  for (let i = 0; i < node.length; i++) next[i] = node[i];
  next[slot] = content;
  return next;
}

function addEntry<K, V>(
  node: TrieNode<K, V>,
  owner: object | undefined,
  bit: number,
  at: number,
  key: K,
  value: V,
): TrieNode<K, V> {
  const next = new TrieNode<K, V>(owner, node.dataMap | bit, node.nodeMap, node.size + 1, node.length + 2);
  for (let i = 0; i < at; i++) next[i] = node[i];
  next[at] = key;
  next[at + 1] = value;
  for (let i = at; i < node.length; i++) next[i + 2] = node[i];
  return next;
}

function dropEntry<K, V>(
  node: TrieNode<K, V>,
  owner: object | undefined,
  bit: number,
  at: number,
): TrieNode<K, V> {
  if (node.size === 1) return emptyNode();
  const next = new TrieNode<K, V>(owner, node.dataMap & ~bit, node.nodeMap, node.size - 1, node.length - 2);
  for (let i = 0; i < at; i++) next[i] = node[i];
  for (let i = at; i < next.length; i++) next[i] = node[i + 2];
  return next;
}

/** Puts `child`, which holds the entry at `bit` and one more, in the entry's place. */
function sinkEntry<K, V>(
  node: TrieNode<K, V>,
  owner: object | undefined,
  bit: number,
  child: TrieNode<K, V>,
): TrieNode<K, V> {
  const { dataMap, nodeMap, size, length } = node;
  const next = new TrieNode<K, V>(owner, dataMap & ~bit, nodeMap | bit, size + 1, length - 1);
  const at = node.entrySlot(bit);
  const to = next.childSlot(bit);
  for (let i = 0; i < at; i++) next[i] = node[i];
  for (let i = at; i < to; i++) next[i] = node[i + 2];
  next[to] = child;
  for (let i = to + 1; i < next.length; i++) next[i] = node[i + 1];
  return next;
}

/** Puts the only entry of `child` in its place at `bit`, in a node that then holds `size` entries. */
export function liftEntry<K, V>(
  node: TrieNode<K, V>,
  owner: object | undefined,
  bit: number,
  child: TrieNode<K, V>,
  size: number,
): TrieNode<K, V> {
  const next = new TrieNode<K, V>(owner, node.dataMap | bit, node.nodeMap & ~bit, size, node.length + 1);
  const at = node.childSlot(bit);
  const to = next.entrySlot(bit);
  for (let i = 0; i < to; i++) next[i] = node[i];
  next[to] = child.keyAt(0);
  next[to + 1] = child.valueAt(0);
  for (let i = to; i < at; i++) next[i + 2] = node[i];
  for (let i = at + 1; i < node.length; i++) next[i + 1] = node[i];
  return next;
}
