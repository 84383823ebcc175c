import type { Backend } from "@zspine/core";
import { check, type Columns, type Slot } from "@zspine/core/engine";
import { BLOCK_ROWS_MAX } from "../block/block-size.ts";
import { fencesOf } from "../block/fences.ts";
import { nameOfValue, type BatchNames } from "./batch-names.ts";
import { encodeSlot, type SlotEncoding } from "./encode-slot.ts";
import type { SlotOwner } from "./feed.ts";
import type { Loader } from "./loader.ts";
import { ReadHand } from "./read-hand.ts";
import type { Holder, Tally } from "./tally.ts";
import type { ValueKeeper } from "./value-keeper.ts";

/** What a spiller needs of its store. */
export interface SpillerSurroundings {
  readonly backend: Backend;
  readonly keeper: ValueKeeper;
  readonly loader: Loader;
  readonly encoding: SlotEncoding;
  readonly names: BatchNames;
}

/** What of the rows of a spilled slot stays in memory, as far as there is room for it. */
export type SpillStay = "all" | "packed" | "nothing";

/**
 * Moves slots between memory and a backend, one at a time:
 *
 * | move | from | to |
 * |---|---|---|
 * | spill | unwritten | cached, perhaps packed, or stored where there is no room for it |
 * | drop | cached | stored |
 * | load | stored | cached, where there is room for it |
 *
 * A move changes where the rows are and nothing else: it may be made at any moment, while the slot is read, merged
 * and committed. A spilled slot lies in a value of its own, which a commit names where it carries the slot over;
 * what no commit has named is garbage when the last batch that has the slot is let go of, and an orphan when the
 * process is killed before.
 */
export class Spiller implements Holder {
  /** Slots that have left memory by being written, here and by merges for it, and their bytes in the backend. */
  spills = 0;
  bytesWritten = 0;
  private readonly surroundings: SpillerSurroundings;
  private readonly spilling = new Map<Slot, Promise<boolean>>();
  private isStopped = false;

  constructor(surroundings: SpillerSurroundings) {
    this.surroundings = surroundings;
  }

  /**
   * Writes the rows of an unwritten slot, of rows of a layout, so that they can leave memory. Resolves to whether it lies
   * in the backend by it: not so when nobody needs it any more, or it was written already.
   *
   * @throws (rejects with) what the backend fails with; the slot is as it was then.
   */
  async spill(layout: Columns, slot: Slot, stays: SpillStay = "all"): Promise<boolean> {
    if (this.isStopped || slot.home !== undefined) return false;
    const underway = this.spilling.get(slot);
    if (underway !== undefined) return underway;
    // Noted before it begins, for the backend may run code that asks for the same.
    const writing = Promise.resolve()
      .then(() => this.write(layout, slot, stays))
      .finally(() => {
        this.spilling.delete(slot);
      });
    this.spilling.set(slot, writing);
    return writing;
  }

  /** Drops the rows of a cached slot from memory; false when there is nothing to be dropped. */
  drop(slot: Slot): boolean {
    const { part, packed, home } = slot;
    if (home === undefined || (part === undefined && packed === undefined)) return false;
    this.surroundings.loader.ledger.dropSlot(slot);
    return true;
  }

  /** Brings the rows of a stored slot, to stay in memory as far as there is room for them. */
  async load(owner: SlotOwner, slot: Slot): Promise<void> {
    const { loader } = this.surroundings;
    const hand = new ReadHand(loader.ledger, "look-up");
    await loader.look(owner, hand, () => hand.partOf(slot));
  }

  /** Tells of slots that are being written, which may be of no batch any more. */
  account(tally: Tally): void {
    for (const slot of this.spilling.keys()) tally.slot(slot);
  }

  /** Begins nothing more, and waits for what is underway. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.allSettled(this.spilling.values());
  }

  private async write(layout: Columns, slot: Slot, stays: SpillStay): Promise<boolean> {
    const { backend, keeper, loader, encoding, names } = this.surroundings;
    const part = slot.part!;
    check(slot.rows <= BLOCK_ROWS_MAX, "a slot has no more rows than a block");
    const { id, batch } = names.next();
    const identity = { writer: names.writer, batch, number: 0 };
    const { block, filter, checksum } = encodeSlot(part, layout, identity, encoding);
    const bytes = new Uint8Array(block.length + filter.length);
    bytes.set(block);
    bytes.set(filter, block.length);
    const blob = nameOfValue(id, 0);
    try {
      // Synced, for a commit that is may come to name it.
      await backend.write([{ type: "put", name: blob, bytes }], { durability: "sync" });
    } catch (error) {
      keeper.discard([blob]);
      throw error;
    }
    this.spills++;
    this.bytesWritten += bytes.length;
    if (!keeper.isHeld(slot, layout)) {
      keeper.discard([blob]);
      return false;
    }
    // Copies, so that the part can go.
    const { lowers, uppers } = fencesOf([part]);
    slot.settle(
      {
        blob,
        blobBytes: bytes.length,
        offset: 0,
        length: block.length,
        checksum,
        filterLength: filter.length,
        identity,
      },
      { part: lowers, row: 0 },
      { part: uppers, row: 0 },
    );
    if (stays === "all") loader.ledger.settle(slot);
    else {
      slot.part = undefined;
      if (stays === "packed") loader.keepPacked({ name: SPILLED, layout }, slot, block);
    }
    keeper.spill(slot, layout);
    return true;
  }
}

/** What messages call the trace of a slot that is being written: slots do not know it. */
const SPILLED = "(spilled)";
