import { type WriteOp } from "@zspine/core";
import { check, Merger, type Batch } from "@zspine/core/engine";
import type { BatchSink, MadeBatch } from "../tier/batch-sink.ts";
import { Feed, READ_BYTES, type SlotOwner } from "../tier/feed.ts";
import type { SlotSource } from "../tier/slot-source.ts";
import type { Holder, Tally } from "../tier/tally.ts";
import { carriedSlots } from "./carried-slots.ts";
import type { MergeLens } from "./merge-lens.ts";

/**
 * A merge of batches in progress: adds them up and hands the sum to a sink, in memory or in a backend. Slots that no
 * other input touches are carried over by reference; those that lie in the backend, unread. Resumable; work is
 * metered in rows. It waits for nothing itself: it says when it needs slots, and what it wants written.
 */
export class Merge implements Holder {
  /** Whether all rows have been merged; the last values are still to be taken then. */
  isDone = false;
  /** What came of it; `undefined` when all rows came to nothing. */
  made: MadeBatch | undefined;
  /** Whether it cannot go on before it is fed. */
  isHungry = false;
  /** Whether it has been worked at, so that it has what it works in. */
  isBegun = false;

  /** Whether rows may be left out of what comes of it. */
  readonly leavesOut: boolean;
  /** What it looks through; where there is none, it adds up and does nothing else. */
  readonly lens: MergeLens | undefined;
  readonly owner: SlotOwner;
  private takenOver: readonly string[] = [];
  private readonly merger: Merger;
  private readonly sink: BatchSink;
  private readonly feedOf: Feed;

  constructor(owner: SlotOwner, batches: readonly Batch[], sink: BatchSink, lens?: MergeLens) {
    this.sink = sink;
    this.owner = owner;
    this.lens = lens;
    this.leavesOut = lens?.leavesOut ?? false;
    const inputs = batches.map((batch) => ({ batch }));
    this.merger = new Merger(owner.layout, inputs, {
      carries: carriedSlots(batches, lens),
      lens,
      partRows: sink.partRows,
      partBytes: sink.partBytes,
    });
    this.feedOf = new Feed(owner, "once", READ_BYTES);
  }

  /** Whether what it makes is written to the backend. */
  get writes(): boolean {
    return this.sink.writes;
  }

  /** Tells of its inputs, and of what it has brought and made of them. */
  account(tally: Tally): void {
    tally.merger(this.merger);
    this.sink.account(tally);
    if (this.made !== undefined) tally.batch(this.made.batch, "scratch");
  }

  /** Names of the values that it has given out so far. */
  get written(): readonly string[] {
    return this.takenOver.length > 0 ? this.takenOver : this.sink.written;
  }

  /** Takes over what others have made of the same batches. @param written Names of the values that they have written for it. */
  takeOver(made: MadeBatch | undefined, written: readonly string[]): void {
    check(!this.isBegun, "a merge is made once");
    this.made = made;
    this.takenOver = written;
    this.isDone = true;
  }

  /** Goes on for about `fuel` rows, or until it needs slots. Returns the fuel that is left. */
  work(fuel: number): number {
    if (this.isDone) return fuel;
    this.isBegun = true;
    const { merger, sink } = this;
    const left = merger.work(fuel);
    for (const slot of merger.takeSlots()) sink.push(slot);
    this.isHungry = left > 0 && !merger.isDone;
    if (!merger.isDone) return left;
    this.made = sink.finish();
    this.isDone = true;
    return left;
  }

  /** Brings the slots that it needs. */
  async feed(loader: SlotSource): Promise<void> {
    if (this.isHungry) await loader.feed(this.merger, this.feedOf);
    this.isHungry = false;
  }

  /** Takes the values that are to be written. */
  takeOps(): WriteOp[] {
    return this.sink.takeOps();
  }
}
