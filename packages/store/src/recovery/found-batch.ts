import { ZspineError, type Backend } from "@zspine/core";
import { decodeIndex, type EncodedFencesIndex } from "../block/block-index.ts";
import { crc32 } from "../block/crc32.ts";
import type { HeadBatch } from "../head/head.ts";
import { valueBytesOf, type BatchFile } from "../tier/batch-file.ts";
import { describeBatch, identityOfBatch } from "../tier/batch-names.ts";

/** A batch as it was found: its index is read, but not yet what only a schema makes sense of. */
export interface FoundBatch {
  readonly file: BatchFile;
  readonly index: EncodedFencesIndex;
}

/**
 * Reads the index of a batch that a head names, and finds its values.
 *
 * @throws (rejects with) `ZSPINE_CORRUPT` when the index is missing or damaged, `ZSPINE_FORMAT`.
 */
export async function findBatch(backend: Backend, trace: string, head: HeadBatch): Promise<FoundBatch> {
  const where = `${describeBatch(trace, head.id)}, index`;
  const { value, offset, length, checksum } = head.index;
  const bytes = await backend.get(value, { offset, length });
  if (bytes === undefined) throw missingValue(trace, head.id, value);
  if (crc32(bytes, 0, bytes.length) !== checksum) {
    throw new ZspineError("ZSPINE_CORRUPT", `${where}: fails its checksum; ${WHAT_TO_DO}`);
  }
  const index = decodeIndex(bytes, identityOfBatch(head.id), where);
  const { values } = index;
  return { file: { trace, head, values, valueBytes: valueBytesOf(head, values, index.valueBytes) }, index };
}

/** What to do about a batch that is damaged as it is found. */
export const WHAT_TO_DO =
  'open the store with { recover: "previous" } to go back to the head before it, or restore a backup';

/** Makes the error for a value of a batch that is not there. */
export function missingValue(trace: string, id: string, value: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `${describeBatch(trace, id)}, index: the value ${value} is missing; ${WHAT_TO_DO}`,
  );
}
