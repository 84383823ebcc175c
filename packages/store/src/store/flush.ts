import type { Scheduler } from "../merge/scheduler.ts";
import type { TraceTable } from "./trace-table.ts";

/**
 * Has rows leave memory that lie nowhere else, by merges that write: of each trace those of neighbours that make up
 * `bytesLeast`. So each row is written once and as part of a batch, where a slot that is spilled by itself is
 * read and written again by the merge that it still owes. Calls `onBegin`
 * where there are any. Resolves to what was written; nothing when nothing was worth it.
 *
 * @throws (rejects with) what a merge fails with.
 */
export async function flush(
  table: TraceTable,
  scheduler: Scheduler,
  bytesLeast: number,
  onBegin: () => void,
): Promise<{ readonly slots: number; readonly bytes: number } | undefined> {
  const begun = table.states.flatMap((state) =>
    state.spines.flatMap((spine) => {
      const merge = spine.beginFlush(bytesLeast);
      if (merge !== undefined) table.wake(state);
      return merge ?? [];
    }),
  );
  if (begun.length === 0) return undefined;
  onBegin();
  await scheduler.runUntil(() => begun.every(({ spine }) => spine === undefined), undefined);
  let [slots, bytes] = [0, 0];
  for (const { merge, isFinished } of begun) {
    if (!isFinished) continue;
    slots += merge.made?.batch.slots.length ?? 0;
    bytes += merge.made?.file?.head.bytes ?? 0;
  }
  return { slots, bytes };
}
