import { type Layout, type WriteOp } from "@zspine/core";
import { Batch, PART_BYTES, PART_ROWS, type Slot } from "@zspine/core/engine";
import type { BatchFile } from "./batch-file.ts";
import type { Holder, Tally } from "./tally.ts";

/** A batch that was made. */
export interface MadeBatch {
  readonly batch: Batch;
  /** How it lies in the backend; missing where it is in memory only. */
  readonly file: BatchFile | undefined;
}

/** Where the slots of a merge go. */
export interface BatchSink extends Holder {
  /** Whether it gives out values to be written. */
  readonly writes: boolean;
  /** Rows of the parts that it is to be given. */
  readonly partRows: number;
  /** And their bytes, about, at the most. */
  readonly partBytes: number;
  /** Names of the values that it has given out so far. */
  readonly written: readonly string[];
  /** Adds a slot that comes after all before. */
  push(slot: Slot): void;
  /** Takes the values that are to be written. */
  takeOps(): WriteOp[];
  /** Ends the batch, whose last values are to be taken then; `undefined` when no row has come. */
  finish(): MadeBatch | undefined;
}

/** Keeps the slots as they are. */
export class MemorySink implements BatchSink {
  readonly writes: boolean = false;
  readonly partRows: number;
  readonly partBytes: number;
  readonly written: readonly string[] = [];
  private readonly layout: Layout;
  private readonly slots: Slot[] = [];

  /** @param partBytes Of a slot, about, at the most. */
  constructor(layout: Layout, partBytes: number = Infinity) {
    this.layout = layout;
    this.partBytes = Math.min(PART_BYTES, partBytes);
    this.partRows = Math.min(PART_ROWS, Math.ceil(this.partBytes / 8 / (layout.kinds.length + 1)));
  }

  push(slot: Slot): void {
    this.slots.push(slot);
  }

  takeOps(): WriteOp[] {
    return [];
  }

  finish(): MadeBatch | undefined {
    const { slots } = this;
    return slots.length === 0 ? undefined : { batch: new Batch(this.layout, slots), file: undefined };
  }

  account(tally: Tally): void {
    for (const slot of this.slots) tally.slot(slot, "scratch");
  }
}
