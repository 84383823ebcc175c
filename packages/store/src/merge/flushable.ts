import type { Batch } from "@zspine/core/engine";

/** A batch as it may be flushed. */
interface FlushableBatch {
  readonly batch: Batch;
  /** Whether it is in a merge that has begun. */
  readonly isMerging: boolean;
}

/**
 * Finds the longest run of neighbours, two at least, that are wholly unwritten, that look-ups have not used lately, and
 * that no merge has begun with: what can leave memory by being merged once, instead of slot by slot, to be
 * read and merged later. Gives its first and the end; `undefined` when there is none.
 */
export function findFlushable(
  batches: readonly FlushableBatch[],
): { readonly from: number; readonly to: number; readonly bytes: number } | undefined {
  let best: { readonly from: number; readonly to: number; readonly bytes: number } | undefined;
  for (let from = 0, to = 0; from < batches.length; from = to + 1) {
    let bytes = 0;
    for (to = from; to < batches.length && isFlushable(batches[to]!); to++)
      bytes += batches[to]!.batch.columnBytes;
    if (to - from >= 2 && bytes > (best?.bytes ?? 0)) best = { from, to, bytes };
  }
  return best;
}

function isFlushable({ batch, isMerging }: FlushableBatch): boolean {
  return !isMerging && batch.slots.every(({ home, heat }) => home === undefined && heat === 0);
}
