import { expect } from "vitest";
import type { PersistentMap } from "../../src/map/persistent-map.ts";
import { bitAt, COLLISION_SHIFT, LEVEL_BITS, type TrieNode } from "../../src/trie/trie-node.ts";

// Looks into the nodes of a map: their shape, their invariant, and which of them an operation visits.

type AnyMap = PersistentMap<unknown, unknown>;
type AnyNode = TrieNode<unknown, unknown>;

/** The bitmaps and sizes of all nodes: what must not depend on how a map came about. */
export function shapeOf(map: AnyMap): unknown {
  return shapeOfNode(map.root);
}

function shapeOfNode(node: AnyNode): unknown {
  return [node.dataMap, node.nodeMap, node.size, childrenOf(node).map(shapeOfNode)];
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Array.from({ length: node.length - node.entriesEnd }, (_, i) => node.childAt(node.entriesEnd + i));
}

/** All nodes of a map. */
export function nodesOf(map: AnyMap): Set<AnyNode> {
  const nodes = new Set<AnyNode>();
  const add = (node: AnyNode) => {
    nodes.add(node);
    childrenOf(node).forEach(add);
  };
  add(map.root);
  return nodes;
}

/** Expects the invariant of `trie-node.ts` everywhere below the root. */
export function expectCanonical(map: AnyMap): void {
  expectCanonicalNode(map, map.root, 0);
}

function expectCanonicalNode(map: AnyMap, node: AnyNode, shift: number): number {
  expect(node.dataMap & node.nodeMap).toBe(0);
  let size = node.entriesEnd / 2;
  let dataMap = 0;
  for (let slot = 0; slot < node.entriesEnd; slot += 2) {
    const bit = shift < COLLISION_SHIFT ? bitAt(map.hashing.hash(node.keyAt(slot)), shift) : 0;
    if (bit !== 0) expect(node.entrySlot(bit)).toBe(slot);
    dataMap |= bit;
  }
  expect(node.dataMap).toBe(dataMap);
  for (const child of childrenOf(node)) {
    expect(child.size).toBeGreaterThan(1);
    size += expectCanonicalNode(map, child, shift + LEVEL_BITS);
  }
  expect(node.size).toBe(size);
  return size;
}

/** Counts the nodes of `maps` that `work` looks into. Leaves the maps slow: their bitmaps become accessors. */
export function countVisits(maps: readonly AnyMap[], work: () => void): number {
  const visited = new Set<AnyNode>();
  for (const node of new Set(maps.flatMap((map) => [...nodesOf(map)]))) {
    for (const field of ["dataMap", "nodeMap"] as const) {
      const bits = node[field];
      Object.defineProperty(node, field, {
        configurable: true,
        get: () => {
          visited.add(node);
          return bits;
        },
      });
    }
  }
  work();
  return visited.size;
}
