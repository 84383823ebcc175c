import type { Columns, Slot } from "@zspine/core/engine";
import { BLOCK_BYTES } from "../block/block-size.ts";
import type { SlotUse } from "./ledger.ts";
import type { Holder, Tally } from "./tally.ts";

/** Bytes that are read at a time. */
export const READ_BYTES: number = 4 * BLOCK_BYTES;
/** Bytes that are read first, for readers that may stop early. */
export const FIRST_READ_BYTES: number = BLOCK_BYTES / 4;

/** Whose slots are read. */
export interface SlotOwner {
  /** The name of the trace, for messages. */
  readonly name: string;
  readonly layout: Columns;
  /** Told of the bytes that look-ups have brought. */
  onLookUp?(bytes: number): void;
}

/** What a merge reads its slots for, and what has been asked for ahead. */
export class Feed implements Holder {
  readonly owner: SlotOwner;
  readonly use: SlotUse;
  /** Bytes that are read at a time, for all inputs together. */
  bytes: number;
  readonly ahead: Map<Slot, AheadRun> = new Map();

  constructor(owner: SlotOwner, use: SlotUse, bytes: number) {
    this.owner = owner;
    this.use = use;
    this.bytes = bytes;
  }

  /** Tells of what was read ahead and waits to be asked for. */
  account(tally: Tally): void {
    for (const { found } of this.ahead.values()) if (found !== undefined) tally.arrays("scratch", [found]);
  }
}

/** Slots `[from, to)` of a batch that lie side by side in one blob, with nothing but their filters between them. */
export interface Run {
  readonly slots: readonly Slot[];
  readonly offset: number;
  readonly length: number;
}

/** A run that is being read before it is asked for. Slots may come and go meanwhile; what is read stays what it is. */
export interface AheadRun {
  readonly run: Run;
  readonly reading: Promise<Uint8Array | undefined>;
  /** What it has come to, once it is there. */
  found: Uint8Array | undefined;
}
