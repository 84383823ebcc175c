import { checkOptions, numberWithin, SIGNAL, type IndexedZSet, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { Metadata } from "@zspine/store";

/** Where a feed begins, and how it is kept. */
export interface FeedOptions {
  /**
   * The token up to which the reader has all changes, as the last delivery told; 0 for a reader that has nothing. By
   * default what was acknowledged under the name, and without one nothing.
   */
  readonly from?: number | undefined;
  /**
   * Keeps in the store how far the reader has come, over restarts, by holds of commits: what was acknowledged, and what was
   * delivered since. One reader at a time has a name; another takes it over.
   */
  readonly name?: string | undefined;
  /** As of `store.hold()`: milliseconds without a delivery after which the name is let go of. */
  readonly lease?: number | undefined;
  /** As of `store.hold()`: bytes that have come since, above which the name is let go of. */
  readonly maxBytes?: number | undefined;
  /** Ends the feed with `ZSPINE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** What commits have changed of a trace. */
export interface FeedDelivery<K, V> {
  /** Changes after it: the token of the delivery before, 0 where this is all there is. */
  readonly after: number;
  /** The token of the commit up to which they are. */
  readonly token: number;
  /** The metadata of that commit. */
  readonly metadata: Metadata;
  /** Their sum, of all commits in between. */
  readonly changes: IndexedZSet<K, V>;
  /**
   * Notes that the reader has them: a feed of the name goes on after them. Resolves when that survives a restart. It is
   * called for who asks for the next; without a name it does nothing.
   */
  acknowledge(): Promise<void>;
}

const TOKEN = numberWithin(0, Number.MAX_SAFE_INTEGER, true);
const KINDS: OptionKinds = { from: TOKEN, name: ANY, lease: ANY, maxBytes: ANY, signal: SIGNAL };

/** @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be. */
export function checkFeed(options: FeedOptions): FeedOptions {
  return checkOptions(options, "feed", KINDS);
}
