import { chooseEntries } from "./choose-entries.ts";
import type { KeyHashing } from "../equality/key-equality.ts";
import { NodeDraft } from "./node-draft.ts";
import {
  ABSENT,
  type Absent,
  COLLISION_SHIFT,
  emptyNode,
  findCollision,
  LEVEL_BITS,
  pairNode,
  singleNode,
  type TrieNode,
} from "./trie-node.ts";

/** What becomes of entries that only one map has: they stay as they are, go, or get a new value or none. */
type OneSided<K, V, W> = "keep" | "drop" | ((value: V, key: K) => W | Absent);

/**
 * How two maps become one. Every union, intersection, difference and delta is one of these, so that there is
 * one walk over two tries, and one place that skips what they share.
 */
export interface Combination<K, A, B, C> {
  /** Subtrees that are one object in both maps: taken or dropped unseen, or walked like any other. */
  readonly shared: "keep" | "drop" | "walk";
  readonly left: OneSided<K, A, C>;
  readonly right: OneSided<K, B, C>;
  /** The value of a key that both maps have. */
  readonly both: (left: A, right: B, key: K) => C | Absent;
}

/**
 * Combines two tries whose hashing agrees, from `shift` down. Costs the nodes that both have and do not
 * share, and the entries that a callback must see; results that equal a side's node are that node. The key
 * of an entry is the left map's.
 */
export function combineNodes<K, A, B, C>(
  how: Combination<K, A, B, C>,
  hashing: KeyHashing<K>,
  shift: number,
  left: TrieNode<K, A>,
  right: TrieNode<K, B>,
): TrieNode<K, C> {
  if (how.shared !== "walk" && (left as TrieNode<K, unknown>) === right) {
    // Kept values are both A and B: a combination that keeps what is shared has C = A.
    return how.shared === "keep" ? (left as TrieNode<K, unknown> as TrieNode<K, C>) : emptyNode();
  }
  if (right.size === 0) return takeSide(how.left, left);
  if (left.size === 0) return takeSide(how.right, right);
  if (shift >= COLLISION_SHIFT) return combineCollisions(how, hashing, left, right);
  const draft = new NodeDraft<K, C>();
  const leftMap = left.dataMap | left.nodeMap;
  const rightMap = right.dataMap | right.nodeMap;
  for (let places = leftMap | rightMap; places !== 0; places &= places - 1) {
    const bit = places & -places;
    if ((rightMap & bit) === 0) copySide(draft, how.left, left, bit);
    else if ((leftMap & bit) === 0) copySide(draft, how.right, right, bit);
    else if ((left.dataMap & right.dataMap & bit) !== 0)
      combineEntries(draft, how, hashing, shift, left, right, bit);
    else {
      const below = shift + LEVEL_BITS;
      const child = combineNodes(
        how,
        hashing,
        below,
        descend(hashing, below, left, bit),
        descend(hashing, below, right, bit),
      );
      draft.addChild(bit, child);
    }
  }
  return draft.finish(left, right);
}

/** The child at `bit`; an entry there is taken for a child of one. */
function descend<K, V>(
  hashing: KeyHashing<K>,
  below: number,
  node: TrieNode<K, V>,
  bit: number,
): TrieNode<K, V> {
  if ((node.nodeMap & bit) !== 0) return node.childAt(node.childSlot(bit));
  const slot = node.entrySlot(bit);
  const key = node.keyAt(slot);
  return singleNode(below, hashing.hash(key), key, node.valueAt(slot));
}

function combineEntries<K, A, B, C>(
  draft: NodeDraft<K, C>,
  how: Combination<K, A, B, C>,
  hashing: KeyHashing<K>,
  shift: number,
  left: TrieNode<K, A>,
  right: TrieNode<K, B>,
  bit: number,
): void {
  const leftSlot = left.entrySlot(bit);
  const rightSlot = right.entrySlot(bit);
  const leftKey = left.keyAt(leftSlot);
  const rightKey = right.keyAt(rightSlot);
  if (hashing.isSame(leftKey, rightKey)) {
    draft.addEntry(bit, leftKey, how.both(left.valueAt(leftSlot), right.valueAt(rightSlot), leftKey));
    return;
  }
  const leftValue = takeEntry(how.left, left.valueAt(leftSlot), leftKey);
  const rightValue = takeEntry(how.right, right.valueAt(rightSlot), rightKey);
  if (leftValue === ABSENT) draft.addEntry(bit, rightKey, rightValue);
  else if (rightValue === ABSENT) draft.addEntry(bit, leftKey, leftValue);
  else {
    const leftHash = hashing.hash(leftKey);
    const rightHash = hashing.hash(rightKey);
    const below = shift + LEVEL_BITS;
    draft.addChild(
      bit,
      pairNode(undefined, below, leftHash, leftKey, leftValue, rightHash, rightKey, rightValue),
    );
  }
}

function combineCollisions<K, A, B, C>(
  how: Combination<K, A, B, C>,
  hashing: KeyHashing<K>,
  left: TrieNode<K, A>,
  right: TrieNode<K, B>,
): TrieNode<K, C> {
  const draft = new NodeDraft<K, C>();
  for (let slot = 0; slot < left.length; slot += 2) {
    const key = left.keyAt(slot);
    const found = findCollision(right, hashing, key);
    const value = left.valueAt(slot);
    draft.addEntry(
      0,
      key,
      found < 0 ? takeEntry(how.left, value, key) : how.both(value, right.valueAt(found), key),
    );
  }
  for (let slot = 0; slot < right.length; slot += 2) {
    const key = right.keyAt(slot);
    if (findCollision(left, hashing, key) < 0)
      draft.addEntry(0, key, takeEntry(how.right, right.valueAt(slot), key));
  }
  return draft.finish(left, right);
}

function copySide<K, V, C>(
  draft: NodeDraft<K, C>,
  how: OneSided<K, V, C>,
  node: TrieNode<K, V>,
  bit: number,
): void {
  if ((node.nodeMap & bit) !== 0)
    return draft.addChild(bit, takeSide(how, node.childAt(node.childSlot(bit))));
  const slot = node.entrySlot(bit);
  draft.addEntry(bit, node.keyAt(slot), takeEntry(how, node.valueAt(slot), node.keyAt(slot)));
}

// What a side keeps is of its own type: a combination that keeps a side has C include it.

function takeSide<K, V, C>(how: OneSided<K, V, C>, node: TrieNode<K, V>): TrieNode<K, C> {
  if (how === "keep") return node as TrieNode<K, unknown> as TrieNode<K, C>;
  return how === "drop" ? emptyNode() : chooseEntries(node, how);
}

function takeEntry<K, V, C>(how: OneSided<K, V, C>, value: V, key: K): C | Absent {
  if (how === "keep") return value as unknown as C;
  return how === "drop" ? ABSENT : how(value, key);
}
