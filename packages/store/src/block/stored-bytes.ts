import { ZspineError, type Backend, type ByteRange } from "@zspine/core";
import type { BlockEntry } from "./block-index.ts";
import { crc32 } from "./crc32.ts";

/** Bytes in a backend that something else vouches for: an index for a block, a head for an index. */
export interface StoredBytes extends ByteRange {
  /** The name of the value that they are part of. */
  readonly value: string;
  /** The CRC-32 that they must have. */
  readonly checksum: number;
}

/** What a message says of bytes that are not as they should be. */
export interface BytesContext {
  /** Names them; begins the message. */
  readonly where: string;
  /** What the user can do; ends the message. */
  readonly advice: string;
}

/** Where a block is, of an index whose values are `values`. */
export function placeOfBlock(values: readonly string[], entry: BlockEntry): StoredBytes {
  const { value, offset, length, checksum } = entry;
  return { value: values[value]!, offset, length, checksum };
}

/**
 * Fetches bytes, and as many that follow them as `behind` says, for which they do not vouch; checked before anything
 * is decoded.
 *
 * @throws (rejects with) `ZSPINE_CORRUPT` when the value is missing, too short, or fails the checksum; what the
 *   backend fails with.
 */
export async function fetchChecked(
  backend: Backend,
  place: StoredBytes,
  context: BytesContext,
  behind = 0,
): Promise<Uint8Array> {
  const { value, offset, length } = place;
  const bytes = await backend.get(value, { offset, length: length + behind }, { cacheable: true });
  if (bytes === undefined) throw damaged(context, `the value ${value} is missing`);
  checkBytes(bytes, 0, place, context);
  return bytes;
}

/**
 * Checks bytes that lie at `at` in others.
 *
 * @throws `ZSPINE_CORRUPT` when they end too early, or fail the checksum.
 */
export function checkBytes(
  bytes: Uint8Array,
  at: number,
  { value, length, checksum }: StoredBytes,
  context: BytesContext,
): void {
  const end = at + length;
  if (end <= bytes.length && crc32(bytes, at, end) === checksum) return;
  throw damaged(context, `${length} bytes of the value ${value} fail their checksum`);
}

/** Makes the error for bytes that are not what was written. */
export function damaged({ where, advice }: BytesContext, what: string): ZspineError {
  return new ZspineError("ZSPINE_CORRUPT", `${where}: ${what}; ${advice}`);
}
