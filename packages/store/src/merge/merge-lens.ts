import type { Batch, Columns, Lens, Slot } from "@zspine/core/engine";
import type { Json } from "../head/metadata.ts";
import type { MergeDecision } from "./merge-strategy.ts";

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
  /**
   * Chooses, of the oldest batches of a run, which no merge reads, those whose merge goes before any that the strategy
   * asks for: what the lens can make less of them has become too much.
   */
  due(batches: readonly Batch[]): MergeDecision | undefined;
  /**
   * Counts the oldest batches of a run that the strategy is to merge among themselves only, lest what the lens can make
   * less of is kept from it by what it cannot: it is asked of them, and of those that came later.
   */
  parting(batches: readonly Batch[]): number;
  /** Chooses neighbours, one or more, whose merge is worth it for what the lens makes of them; asked after the strategy. */
  choose(batches: readonly Batch[]): MergeDecision | undefined;
  /** Tells whether so much less could be made of a run that commits are to wait until merges have caught up. */
  isBehind(batches: readonly Batch[]): boolean;
  /** Whether rows may be left out, so that the sum of what is merged is not that of what comes of it. */
  readonly leavesOut: boolean;
  /**
   * Says of what another process makes the same lens, by the {@link LensMaker} of its kind. A lens that does not, or cannot,
   * is one whose merges the store makes itself. What such a merge gives has to be right also when the lens of the trace has
   * gone on meanwhile.
   */
  describe?(): DescribedLens | undefined;
}

/** A lens as it is told to a process that has only what lies in the backend. */
export interface DescribedLens {
  /** The name of its {@link LensMaker}. */
  readonly kind: string;
  readonly terms: Json;
}

/** Makes the lenses of one kind of traces for merges of other processes: what `runCompactor()` is given. */
export interface LensMaker {
  /** The name of the kind, as jobs have it. */
  readonly kind: string;
  /**
   * Makes the lens that was described.
   *
   * @param columns How the rows lie that it is to see.
   * @throws `ZSPINE_CORRUPT` for what none has said of itself.
   */
  lens(terms: Json, columns: Columns): MergeLens;
}
