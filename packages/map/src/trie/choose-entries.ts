import { NodeDraft } from "./node-draft.ts";
import type { Absent, TrieNode } from "./trie-node.ts";

/**
 * Gives every entry below `node` a new value, or drops it where `choose` returns the absent value. Nodes
 * without a change stay shared. What remains may be a single entry, as after a removal.
 */
export function chooseEntries<K, V, W>(
  node: TrieNode<K, V>,
  choose: (value: V, key: K) => W | Absent,
): TrieNode<K, W> {
  const draft = new NodeDraft<K, W>();
  const { dataMap, nodeMap } = node;
  if ((dataMap | nodeMap) === 0) {
    for (let slot = 0; slot < node.length; slot += 2) {
      draft.addEntry(0, node.keyAt(slot), choose(node.valueAt(slot), node.keyAt(slot)));
    }
    return draft.finish(node);
  }
  let entry = 0;
  let child = node.length - 1;
  for (let places = dataMap | nodeMap; places !== 0; places &= places - 1) {
    const bit = places & -places;
    if ((nodeMap & bit) !== 0) {
      draft.addChild(bit, chooseEntries(node.childAt(child--), choose));
    } else {
      draft.addEntry(bit, node.keyAt(entry), choose(node.valueAt(entry), node.keyAt(entry)));
      entry += 2;
    }
  }
  return draft.finish(node);
}
