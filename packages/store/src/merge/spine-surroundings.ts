import type { Operations } from "../diagnostics/operations.ts";
import type { BatchSink } from "../tier/batch-sink.ts";
import type { SlotOwner } from "../tier/feed.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";
import type { Boundaries } from "./boundaries.ts";
import type { MergeLens } from "./merge-lens.ts";
import type { MergeReport } from "./merge-report.ts";
import type { MergeStrategy } from "./merge-strategy.ts";

/** What a spine is told of its trace. */
export interface SpineSurroundings {
  readonly owner: SlotOwner;
  readonly strategy: MergeStrategy;
  readonly boundaries: Boundaries;
  /** Told which stored batches are in the spine. */
  readonly keeper: ValueKeeper;
  /** Makes where a merge goes that makes no more than about `bytes`. */
  newSink(bytes: number): BatchSink;
  /** What merges that begin now look through. */
  lens(): MergeLens | undefined;
  /** Whom merges are told to; by default nobody. */
  readonly operations?: Operations | undefined;
  onMerge(report: MergeReport): void;
  /** Told of the weight of rows that a merge of what comes before a place has left out. */
  onLoss(place: number, weight: number): void;
  /** Told that a merge, or the strategy, has failed: the batches are as they were. */
  onFailure(error: unknown): void;
}
