import type { Backend } from "@zspine/core";
import { decodeIndex, type EncodedFencesIndex } from "../block/block-index.ts";
import { damaged, fetchChecked } from "../block/stored-bytes.ts";
import type { HeadBatch } from "../head/head.ts";
import { BatchFile, valueBytesOf } from "../tier/batch-file.ts";
import { describeBatch, identityOfBatch } from "../tier/batch-names.ts";

/** A batch as it was found: its index is read, but not yet what only a schema makes sense of. */
export interface FoundBatch {
  readonly file: BatchFile;
  readonly index: EncodedFencesIndex;
}

/** What to do about what is damaged as it is found. */
export const WHAT_TO_DO =
  'open the store with { recover: "previous" } to go back to the head before it, or restore a backup';

/**
 * Reads the index of a batch that a head names, and finds its values.
 *
 * @param present The names of all values that are there, where they are known.
 * @throws (rejects with) `ZSPINE_CORRUPT` when the index is damaged, or it or a value is missing; `ZSPINE_FORMAT`.
 */
export async function findBatch(
  backend: Backend,
  trace: string,
  head: HeadBatch,
  present?: ReadonlySet<string>,
): Promise<FoundBatch> {
  const where = `${describeBatch(trace, head.id)}, index`;
  const bytes = await fetchChecked(backend, head.index, { where, advice: WHAT_TO_DO });
  const index = decodeIndex(bytes, identityOfBatch(head.id), where);
  const { values } = index;
  const missing = present && values.find((name) => !present.has(name));
  if (missing !== undefined) throw damaged({ where, advice: WHAT_TO_DO }, `the value ${missing} is missing`);
  return { file: new BatchFile(trace, head, values, valueBytesOf(head, values, index.valueBytes)), index };
}
