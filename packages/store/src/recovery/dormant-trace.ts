import type { Layout } from "@zspine/core";
import { decodeFences, type EncodedFencesIndex } from "../block/block-index.ts";
import type { HeadTrace } from "../head/head.ts";
import type { BatchFile } from "../stored/batch-file.ts";
import { StoredBatch } from "../stored/stored-batch.ts";

/** A batch as it was found: its index is read, but not yet what only a schema makes sense of. */
export interface FoundBatch {
  readonly file: BatchFile;
  readonly index: EncodedFencesIndex;
}

/** A trace that a head names and that nobody has opened with its schemas. */
export interface DormantTrace {
  readonly head: HeadTrace;
  readonly batches: readonly FoundBatch[];
}

/** Makes the batches of a trace readable, oldest first. @throws `ZSPINE_CORRUPT`. */
export function awaken<K, V>(trace: DormantTrace, layout: Layout<K, V>): StoredBatch<K, V>[] {
  return trace.batches.map(({ file, index }) => {
    const where = `trace ${JSON.stringify(file.trace)}, batch ${file.head.id}, index`;
    return new StoredBatch(layout, file, decodeFences(index, layout.kinds, where));
  });
}
