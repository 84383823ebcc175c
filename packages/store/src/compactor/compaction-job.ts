import type { Columns } from "@zspine/core/engine";
import { ByteWriter } from "../block/byte-writer.ts";
import { corrupt } from "../block/damage.ts";
import { HEADER_BYTES, seal, unseal } from "../block/header.ts";
import { hasFields, isName } from "../head/fields.ts";
import { isBatch, isCount, isUint32 } from "../head/head-fields.ts";
import type { HeadBatch } from "../head/head.ts";
import { isJson } from "../head/metadata.ts";
import type { DescribedLens } from "../merge/merge-lens.ts";
import { identityOfBatch } from "../tier/batch-names.ts";

/** Under which merges lie that are to be made elsewhere: what a job is, who has it, and what has come of it. */
export const JOB_PREFIX = "job/";

/** A merge of neighbours of one trace, as a compactor needs it: no schemas, and nothing of how the store stands. */
export interface CompactionJob {
  /** The name of the batch that is to come of it, which nobody else uses. */
  readonly id: string;
  /** The name of the trace, for messages. */
  readonly trace: string;
  /** One letter for each column, as heads have them. */
  readonly kinds: string;
  readonly keyColumns: number;
  /** The seed of the filters. */
  readonly seed: { readonly k0: number; readonly k1: number };
  /** The id of the compression of its blocks; 0 for none. */
  readonly compression: number;
  /** What the merge looks through; `null` where it adds up and does nothing else. */
  readonly lens: DescribedLens | null;
  /** Bytes at which a value is full. */
  readonly valueBytes: number;
  /** The batches that are to be merged, oldest first. */
  readonly inputs: readonly HeadBatch[];
}

/** What has come of a job: a batch, nothing when all rows have cancelled, or why there is none. */
export interface CompactionResult {
  readonly batch: HeadBatch | null;
  readonly error: string | null;
}

/** Names the values of a job: what it is, that somebody has it, and what has come of it. */
export function nameOfJob(id: string, part: "done" | "taken" | "want"): string {
  return `${JOB_PREFIX}${id}/${part}`;
}

/** Encodes a job: a header, magic `ZSPJ`, and its fields as UTF-8 JSON. */
export function encodeJob(job: CompactionJob): Uint8Array {
  return encode(job.id, 0, job);
}

/** @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
export function decodeJob(bytes: Uint8Array, id: string): CompactionJob {
  return decode(bytes, id, 0, JOB) as CompactionJob;
}

/** Encodes what has come of a job, in the same way. */
export function encodeResult(id: string, result: CompactionResult): Uint8Array {
  return encode(id, 1, result);
}

/** @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
export function decodeResult(bytes: Uint8Array, id: string): CompactionResult {
  return decode(bytes, id, 1, RESULT) as CompactionResult;
}

/** How the columns of a job are written down. */
export function lettersOf({ kinds, isTimed }: Columns): string {
  const letters = kinds.map((kind) => (kind === "binary" ? "b" : "n")).join("");
  return isTimed === true ? `${letters.slice(0, -1)}t` : letters;
}

/** The columns that letters stand for. */
export function columnsOf({ kinds, keyColumns }: Pick<CompactionJob, "kinds" | "keyColumns">): Columns {
  const columns = Array.from(kinds, (letter) => (letter === "b" ? "binary" : "numeric"));
  return { kinds: columns, keyColumns, isTimed: kinds.endsWith("t") };
}

function encode(id: string, number: number, fields: object): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(fields));
  const writer = new ByteWriter(HEADER_BYTES + json.length, HEADER_BYTES);
  writer.raw(json);
  return seal(writer, "ZSPJ", { ...identityOfBatch(id), number }, 0, 0);
}

function decode(bytes: Uint8Array, id: string, number: number, fields: Fields): unknown {
  const where = `the job ${id}`;
  const { body } = unseal(bytes, "ZSPJ", { ...identityOfBatch(id), number }, where);
  const found = parse(body);
  if (!hasFields(found, fields)) throw corrupt(where, "it does not hold what a job holds");
  return found;
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    return undefined;
  }
}

type Fields = Parameters<typeof hasFields>[1];

const JOB: Fields = {
  id: isName,
  trace: isName,
  kinds: (value) => isName(value) && /^[nb]+t?$/.test(value),
  keyColumns: isCount,
  seed: (value) => hasFields(value, { k0: isUint32, k1: isUint32 }),
  compression: isCount,
  lens: (value) => value === null || hasFields(value, { kind: isName, terms: isJson }),
  valueBytes: isCount,
  inputs: (value) => Array.isArray(value) && value.every(isBatch),
};

const RESULT: Fields = {
  batch: (value) => value === null || isBatch(value),
  error: (value) => value === null || isName(value),
};
