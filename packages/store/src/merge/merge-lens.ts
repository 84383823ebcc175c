import type { Batch, Lens, Slot } from "@zspine/core/engine";

/** What the merges of a trace's committed batches look through: they write rows as they are seen. */
export interface MergeLens extends Lens {
  /**
   * Tells whether a slot may be carried over unread, which no other input touches. `before` and `after` are its
   * neighbours in its batch.
   */
  carries(slot: Slot, before: Slot | undefined, after: Slot | undefined): boolean;
  /** Columns by whose difference two rows stay two rows whatever the lens. */
  readonly columnsApart: number;
  /** Tells whether a batch, merged alone, would come to less. */
  shrinks(batch: Batch): boolean;
  /** Chooses neighbours, one or more, whose merge is worth it for what the lens makes of them; asked after the strategy. */
  choose(batches: readonly Batch[]): { readonly first: number; readonly count: number } | undefined;
  /** Whether rows may be left out, so that the sum of what is merged is not that of what comes of it. */
  readonly leavesOut: boolean;
}
