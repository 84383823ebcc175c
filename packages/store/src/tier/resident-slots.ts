import { throwIfAborted } from "@zspine/core";
import { check, type Merger } from "@zspine/core/engine";
import type { Feed, SlotOwner } from "./feed.ts";
import type { Ledger } from "./ledger.ts";
import type { ReadHand } from "./read-hand.ts";
import type { SlotSource } from "./slot-source.ts";

/** The slots of a store whose rows never leave memory: no read misses one, and no merge waits. */
export class ResidentSlots implements SlotSource {
  readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  async look<T>(owner: SlotOwner, hand: ReadHand, read: () => T, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal, "the read");
    return this.lookSync(owner, hand, read);
  }

  lookSync<T>(_owner: SlotOwner, hand: ReadHand, read: () => T): T {
    const found = read();
    check(!hand.isMissing, RESIDENT);
    return found;
  }

  async bring(_owner: SlotOwner, hand: ReadHand): Promise<void> {
    check(!hand.isMissing, RESIDENT);
  }

  async feed(merger: Merger, feed: Feed, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal, "the read");
    this.feedSync(merger, feed);
  }

  feedSync(merger: Merger, _feed: Feed): void {
    check(merger.waiting().length === 0, RESIDENT);
  }

  readAhead(): void {
    // All of it is there.
  }
}

const RESIDENT = "where nothing is stored, rows are in memory";
