import type { Merger } from "@zspine/core/engine";
import type { Feed, SlotOwner } from "./feed.ts";
import type { Ledger } from "./ledger.ts";
import type { ReadHand } from "./read-hand.ts";

/** Where reads and merges get the rows of slots from that are not in memory. */
export interface SlotSource {
  /** Accounts what is in memory. */
  readonly ledger: Ledger;
  /** Runs a read again and again, bringing what it misses, until it misses nothing. @throws (rejects with) `ZSPINE_ABORTED`. */
  look<T>(owner: SlotOwner, hand: ReadHand, read: () => T, signal?: AbortSignal): Promise<T>;
  /**
   * Like {@link SlotSource.look}, at once.
   *
   * @throws `ZSPINE_NOT_RESIDENT` when a slot is missing and the backend cannot read synchronously.
   */
  lookSync<T>(owner: SlotOwner, hand: ReadHand, read: () => T): T;
  /** Brings what a read misses. */
  bring(owner: SlotOwner, hand: ReadHand, signal?: AbortSignal): Promise<void>;
  /** Brings the slots that a merge waits for. */
  feed(merger: Merger, feed: Feed, signal?: AbortSignal): Promise<void>;
  /** Likewise, at once, but for what is at hand already. @throws as {@link SlotSource.lookSync}. */
  feedSync(merger: Merger, feed: Feed, pins: ReadHand): void;
  /** Begins to read what a merge will wait for next, while the caller is busy with what it has. */
  readAhead(merger: Merger, feed: Feed, signal?: AbortSignal): void;
}
