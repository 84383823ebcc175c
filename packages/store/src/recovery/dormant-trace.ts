import type { Layout } from "@zspine/core";
import { decodeFences } from "../block/block-index.ts";
import type { HeadTrace } from "../head/head.ts";
import { describeBatch, type BatchFile } from "../stored/batch-file.ts";
import { StoredBatch } from "../stored/stored-batch.ts";
import type { FoundBatch } from "./found-batch.ts";

/** A trace that a head names and that nobody has opened with its schemas. */
export interface DormantTrace {
  readonly head: HeadTrace;
  readonly batches: readonly FoundBatch[];
}

/** The stored batches of traces, as they lie in the backend. */
export function filesOf(traces: readonly DormantTrace[]): BatchFile[] {
  return traces.flatMap(({ batches }) => batches.map(({ file }) => file));
}

/** Makes the batches of a trace readable, oldest first. @throws `ZSPINE_CORRUPT`. */
export function awaken<K, V>(trace: DormantTrace, layout: Layout<K, V>): StoredBatch<K, V>[] {
  return trace.batches.map(({ file, index }) => {
    const where = `${describeBatch(file.trace, file.head.id)}, index`;
    return new StoredBatch(layout, file, decodeFences(index, layout.kinds, where));
  });
}
