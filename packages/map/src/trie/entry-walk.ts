import { emptyNode, type TrieNode } from "./trie-node.ts";

/**
 * A position in the entries of a trie, in the order of the nodes: a node's own entries, then its children
 * in descending place. Call `advance` first, then read `key` and `value` while it returns true.
 */
export class EntryWalk<K, V> {
  /** The nodes on the path, and in each the next slot to visit. At most eight deep. */
  private readonly path: TrieNode<K, V>[] = [];
  private readonly next: number[] = [];
  private node: TrieNode<K, V>;
  private slot = 0;
  private end: number;

  constructor(root: TrieNode<K, V>) {
    this.node = root;
    this.end = root.entriesEnd;
  }

  get key(): K {
    return this.node.keyAt(this.slot - 2);
  }

  get value(): V {
    return this.node.valueAt(this.slot - 2);
  }

  /** Moves to the next entry; returns false when there is none. */
  advance(): boolean {
    while (this.slot >= this.end) if (!this.turn()) return false;
    this.slot += 2;
    return true;
  }

  /** Goes into the next child, or back to the parent. */
  private turn(): boolean {
    if (this.slot < this.node.length) {
      this.path.push(this.node);
      this.next.push(this.slot + 1);
      this.node = this.node.childAt(this.slot);
      this.slot = 0;
      this.end = this.node.entriesEnd;
      return true;
    }
    const parent = this.path.pop();
    if (parent === undefined) {
      this.node = emptyNode();
      return false;
    }
    this.node = parent;
    this.slot = this.next.pop() as number;
    // The entries of the parent are behind: only children are left there.
    this.end = 0;
    return true;
  }
}

/** Calls `visit` for every entry below `node`, in the order of an {@link EntryWalk}, and faster. */
export function visitEntries<K, V>(node: TrieNode<K, V>, visit: (value: V, key: K) => void): void {
  const { length, entriesEnd } = node;
  for (let slot = 0; slot < entriesEnd; slot += 2) visit(node.valueAt(slot), node.keyAt(slot));
  for (let slot = entriesEnd; slot < length; slot++) visitEntries(node.childAt(slot), visit);
}
