import type { Batch, Columns, Slot } from "@zspine/core/engine";
import { StoredFile } from "./stored-file.ts";

/**
 * A batch that no commit has written: its values are those of its slots that were spilled, each in one of its own,
 * and become more while it is held. What no commit comes to name is an orphan.
 */
export class SpilledFile extends StoredFile {
  declare readonly values: string[];
  declare readonly valueBytes: number[];
  /** Which of those that are held it is; the keeper's. */
  place = 0;
  private readonly batch: Batch;

  constructor(batch: Batch) {
    super([], []);
    this.batch = batch;
    for (const slot of batch.slots) if (slot.home !== undefined) this.add(slot);
  }

  /** What its rows are rows of. */
  get layout(): Columns {
    return this.batch.layout;
  }

  /** Tells whether a slot, of rows of the same layout, is one of the batch's. Cost O(log slots). */
  has(slot: Slot): boolean {
    const { batch } = this;
    const { lowerPart, lowerRow } = slot;
    const { from, to } = batch.slotsOf(lowerPart, lowerRow, batch.layout.kinds.length);
    for (let number = from; number < to; number++) if (batch.slots[number] === slot) return true;
    return false;
  }

  /** Takes a slot in that has been spilled. */
  add({ home }: Slot): void {
    const { blob, blobBytes } = home!;
    if (this.values.includes(blob)) return;
    this.values.push(blob);
    this.valueBytes.push(blobBytes);
  }
}
