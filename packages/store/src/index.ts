export { dropStore, openStore } from "./store/open-store.ts";
export { clone } from "./store/clone.ts";
export type { ClonePlaces } from "./store/clone.ts";
export { cloneStore, detachClone } from "./store/clone-store.ts";
export type { CloneOptions } from "./store/clone-store.ts";
export type { StoreClone } from "./store/clone-book.ts";
export { restoreStore } from "./store/restore-store.ts";
export type { RestoreOptions } from "./store/restore-store.ts";
export { Store } from "./store/store.ts";
export { CommitSnapshot } from "./store/commit-snapshot.ts";
export type { HoldOptions, StoreHold } from "./store/hold-book.ts";
export type { HoldState } from "./hold/hold-state.ts";
export type { CommitOptions, DropOptions } from "./store/commit-options.ts";
export type {
  SpillOptions,
  SpillProgress,
  WaitOptions,
  WorkOptions,
  WorkProgress,
} from "./store/work-options.ts";
export type { TraceOptions } from "./store/trace-options.ts";
export type { RecoveryReport } from "./recovery/recovered.ts";
export type { VerifyOptions, VerifyProblem, VerifyProgress, VerifyReport } from "./recovery/verify.ts";
export type { CopyOptions, CopyProgress } from "./recovery/copy-head.ts";
export type { CacheCounts } from "./tier/ledger.ts";
export type { MemoryStats } from "./tier/tally.ts";
export type { PlacementStats } from "./tier/mover.ts";
export type { StoreStats } from "./store/store-stats.ts";
export type { StoreOptions } from "./options/store-options.ts";
export { Trace } from "./trace/trace.ts";
export type { LevelStats, TraceStats } from "./trace/trace-stats.ts";
export type { TraceDescription } from "./trace/trace-description.ts";
export { Snapshot } from "./snapshot/snapshot.ts";
export type { Reader } from "./snapshot/reader.ts";
export type { RowCount } from "./view/view.ts";
export type { IndexedZSetRowInput, Row, WeightedValue } from "@zspine/core";
export type { KeyRange, ReadOptions } from "./range/key-range.ts";
export { compactors } from "./compactor/compactors.ts";
export type { CompactorsOptions } from "./compactor/compactors.ts";
export { runCompactor } from "./compactor/run-compactor.ts";
export type { CompactedBatch, CompactorOptions, LeftMerge } from "./compactor/run-compactor.ts";
export type { LensMaker } from "./merge/merge-lens.ts";
export type { Compactors } from "./merge/executor.ts";
export { tiered } from "./merge/merge-strategy.ts";
export type { MergeDecision, MergeStrategy, SpineBatch, TieredOptions } from "./merge/merge-strategy.ts";
export type { StoreOperations } from "./diagnostics/operations.ts";
export type { StoreEvents } from "./events/events.ts";
export type { Json, JsonOf, Metadata } from "./head/metadata.ts";
