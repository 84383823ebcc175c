import type { Layout } from "@zspine/core";
import { Batch } from "@zspine/core/engine";
import { decodeFences } from "../block/block-index.ts";
import type { HeadTrace } from "../head/head.ts";
import type { BatchFile } from "../tier/batch-file.ts";
import { describeBatch } from "../tier/batch-names.ts";
import { slotsOfIndex } from "../tier/stored-slots.ts";
import type { FoundBatch } from "./found-batch.ts";

/** A trace that a head names and that nobody has opened with its schemas. */
export class DormantTrace {
  readonly head: HeadTrace;
  /** Oldest first. */
  readonly batches: readonly FoundBatch[];

  constructor(head: HeadTrace, batches: readonly FoundBatch[]) {
    this.head = head;
    this.batches = batches;
  }

  /** Makes its batches readable, oldest first. @throws `ZSPINE_CORRUPT`. */
  awaken(layout: Layout): { readonly batch: Batch; readonly file: BatchFile }[] {
    return this.batches.map(({ file, index }) => {
      const where = `${describeBatch(file.trace, file.head.id)}, index`;
      return { batch: new Batch(layout, slotsOfIndex(decodeFences(index, layout.kinds, where), file)), file };
    });
  }
}

/** The stored batches of traces, as they lie in the backend. */
export function filesOf(traces: readonly DormantTrace[]): BatchFile[] {
  return traces.flatMap(({ batches }) => batches.map(({ file }) => file));
}
