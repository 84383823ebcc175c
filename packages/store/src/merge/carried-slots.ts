import type { Batch, Slot } from "@zspine/core/engine";
import type { MergeLens } from "./merge-lens.ts";
import { BLOCK_BYTES, BLOCK_ROWS } from "../block/block-size.ts";

/**
 * Finds the slots that a merge of batches need not read: those that lie in the backend and apart from all rows of
 * the other batches. Only slots that are not too small are carried, lest a batch crumble, and only where at least
 * half of a blob would be: what is not carried of it stays in the backend for as long as the rest. Under a lens only
 * those that it leaves as they are.
 */
export function carriedSlots(batches: readonly Batch[], lens?: MergeLens): Set<Slot> {
  const carried = new Set<Slot>();
  for (const batch of batches) {
    const apart: Slot[] = [];
    const kept = new Map<string, number>();
    const total = new Map<string, number>();
    for (const [at, slot] of batch.slots.entries()) {
      if (slot.home === undefined) continue;
      const { blob, length } = slot.home;
      total.set(blob, (total.get(blob) ?? 0) + length);
      const isLarge = slot.rows >= BLOCK_ROWS / 4 || slot.bytes >= BLOCK_BYTES / 4;
      const width = lens?.columnsApart ?? batch.layout.kinds.length;
      if (!isLarge || !batches.every((other) => other === batch || isApart(slot, other, width))) continue;
      if (lens?.carries(slot, batch.slots[at - 1], batch.slots[at + 1]) === false) continue;
      apart.push(slot);
      kept.set(blob, (kept.get(blob) ?? 0) + length);
    }
    for (const slot of apart) {
      const { blob } = slot.home!;
      if (kept.get(blob)! >= total.get(blob)! / 2) carried.add(slot);
    }
  }
  return carried;
}

/** Tells whether no slot of `other` reaches into the slot, as far as the first `width` columns tell. */
function isApart(slot: Slot, other: Batch, width: number): boolean {
  const from = other.slotsBelow(slot.lowerPart, slot.lowerRow, width, 0);
  return from >= other.slotsUpTo(slot.upperPart, slot.upperRow, width, 1);
}
