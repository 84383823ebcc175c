import { ABSENT, type Absent, emptyNode, TrieNode } from "./trie-node.ts";

/**
 * A node in the making, for results that are put together place by place in ascending order. Keeps the
 * invariant: what is empty is left out, and a single entry is lifted out of its child.
 */
export class NodeDraft<K, V> {
  private dataMap = 0;
  private nodeMap = 0;
  private size = 0;
  private readonly entries: unknown[] = [];
  private readonly children: TrieNode<K, V>[] = [];

  /** Adds an entry at `bit` (0 in a collision node), unless its value is absent. */
  addEntry(bit: number, key: K, value: V | Absent): void {
    if (value === ABSENT) return;
    this.dataMap |= bit;
    this.size++;
    this.entries.push(key, value);
  }

  /** Adds what is below `child`, whatever its size, at `bit`. */
  addChild(bit: number, child: TrieNode<K, V>): void {
    if (child.size === 0) return;
    if (child.size === 1) return this.addEntry(bit, child.keyAt(0), child.valueAt(0));
    this.nodeMap |= bit;
    this.size += child.size;
    this.children.push(child);
  }

  /** Returns the node, or one of the two models if that has the very same content, so that it stays shared. */
  finish(model: TrieNode<K, unknown>, otherModel: TrieNode<K, unknown> = model): TrieNode<K, V> {
    if (this.size === 0) return emptyNode();
    if (this.isIn(model)) return model as TrieNode<K, V>;
    if (model !== otherModel && this.isIn(otherModel)) return otherModel as TrieNode<K, V>;
    const { entries, children } = this;
    const node = new TrieNode<K, V>(
      undefined,
      this.dataMap,
      this.nodeMap,
      this.size,
      entries.length + children.length,
    );
    for (let i = 0; i < entries.length; i++) node[i] = entries[i];
    for (let i = 0; i < children.length; i++) node[node.length - 1 - i] = children[i];
    return node;
  }

  private isIn(node: TrieNode<K, unknown>): boolean {
    if (node.dataMap !== this.dataMap || node.nodeMap !== this.nodeMap || node.size !== this.size)
      return false;
    const { entries, children } = this;
    for (let i = 0; i < entries.length; i++) if (!Object.is(node[i], entries[i])) return false;
    for (let i = 0; i < children.length; i++) if (node[node.length - 1 - i] !== children[i]) return false;
    return true;
  }
}
