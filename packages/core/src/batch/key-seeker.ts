import { mayContain } from "./filter.ts";
import type { Batch, Hand, KeyProbe, LookupCounts, PartRange } from "./batch.ts";
import { compareRows, gallopPart, type Part } from "./part.ts";
import { isAbove } from "./slot.ts";

/**
 * Finds ascending keys in a batch, one after another: gallops from where the last was found, so that many keys cost
 * O(log of the distances between them).
 */
export class KeySeeker {
  private readonly batch: Batch;
  private number = 0;
  private row = 0;
  /** The rows of the slot, once a key has been looked for in them that no filter has to be asked about. */
  private part: Part | undefined;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  /** Adds the rows of a key, not below those before it, to `into`; as {@link Batch.find}. */
  find(probe: KeyProbe, counts: LookupCounts, hand: Hand, into: PartRange[]): void {
    const { batch } = this;
    const { keyColumns } = batch.layout;
    const { slots } = batch;
    if (this.part !== undefined) {
      this.row = gallopPart(this.part, probe.part, probe.at, keyColumns, this.row, 0);
      if (this.row < this.part.weights.length) {
        counts.searched++;
        batch.collect(this.number, this.part, this.row, probe, hand, into);
        return;
      }
      this.number++;
      this.row = 0;
      this.part = undefined;
    }
    let slot = slots[this.number];
    if (slot === undefined) return;
    if (compareRows(slot.upperPart, slot.upperRow, probe.part, probe.at, 0, keyColumns) < 0) {
      this.number = batch.slotsBelow(probe.part, probe.at, keyColumns, 0, this.number + 1);
      this.row = 0;
      slot = slots[this.number];
      if (slot === undefined) return;
    }
    // Keys ascend, so once a row of the slot has been passed its lower fence has been too.
    if (this.row === 0 && isAbove(slot, probe.part, probe.at, keyColumns)) return;
    const next = slots[this.number + 1];
    if (slot.isFiltered && (next === undefined || isAbove(next, probe.part, probe.at, keyColumns))) {
      const filter = hand.filterOf(slot);
      if (filter === undefined) return;
      if (!mayContain(filter, probe.hash)) {
        counts.filtered++;
        return;
      }
    }
    counts.searched++;
    const part = hand.partAround(slot, probe.part, probe.at, keyColumns);
    if (part === undefined) return;
    // Rows around the key alone say nothing of where the next is.
    const isWhole = part.weights.length === slot.rows;
    const row = gallopPart(part, probe.part, probe.at, keyColumns, isWhole ? this.row : 0, 0);
    if (isWhole) {
      this.row = row;
      if (!slot.isFiltered) this.part = part;
    }
    const { length } = into;
    batch.collect(this.number, part, row, probe, hand, into);
    slot.searched(into.length > length);
  }
}
