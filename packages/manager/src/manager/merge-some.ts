import { isZspineError } from "@zspine/core";
import type { Store, WorkProgress } from "@zspine/store";

/** What became of a store's merges. */
export interface MergedSome {
  readonly slicesUsed: number;
  readonly mergesInProgress: number;
}

/**
 * Waits for at most so many slices of a store's merges.
 *
 * @throws (rejects with) what merging fails with; `ZSPINE_ABORTED`.
 */
export async function mergeSome(
  store: Store,
  slices: number,
  signal: AbortSignal | undefined,
): Promise<MergedSome> {
  const enough = new AbortController();
  let told = 0;
  let mergesInProgress = 0;
  const onProgress = (progress: WorkProgress): void => {
    ({ mergesInProgress } = progress);
    if (++told >= slices) enough.abort();
  };
  const signals = signal === undefined ? [enough.signal] : [enough.signal, signal];
  try {
    await store.finishMerges({ signal: AbortSignal.any(signals), onProgress });
    // It is told once more at the end.
    return { slicesUsed: told - 1, mergesInProgress };
  } catch (error) {
    if (signal?.aborted === true || !enough.signal.aborted || !isZspineError(error, "ZSPINE_ABORTED"))
      throw error;
    return { slicesUsed: told, mergesInProgress };
  }
}
