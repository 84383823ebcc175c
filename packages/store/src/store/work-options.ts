/** How to do long work. */
export interface WorkOptions {
  /** Ends the work with `ZSPINE_ABORTED`; what was done by then stays done. */
  readonly signal?: AbortSignal;
  /** Told after each slice, and at the end, how much is left. */
  readonly onProgress?: (progress: WorkProgress) => void;
}

/** How far long work has come. */
export interface WorkProgress {
  readonly mergesInProgress: number;
  readonly batches: number;
}
