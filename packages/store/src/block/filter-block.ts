import { WORDS_PER_BLOCK, type Filter } from "@zspine/core/engine";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { corrupt } from "./damage.ts";
import { HEADER_BYTES, seal, unseal } from "./header.ts";
import type { BlockIdentity } from "./identity.ts";

/**
 * Encodes the filter of a block's keys. What is in it:
 *
 * | part | see |
 * |---|---|
 * | header, magic `ZSPF` | header.ts |
 * | the words of the filter, 4 bytes each | `Filter` of @zspine/core |
 *
 * @throws `RangeError` when a part of the identity is no unsigned 32-bit integer, or the filter has no words
 *   or another number of them than whole blocks of 16.
 */
export function encodeFilter(filter: Filter, identity: BlockIdentity): Uint8Array {
  const { words } = filter;
  if (!isFilterSize(words.length)) {
    throw new RangeError(
      `a filter has whole blocks of ${WORDS_PER_BLOCK} words, found ${words.length} words`,
    );
  }
  const writer = new ByteWriter(HEADER_BYTES + words.byteLength, HEADER_BYTES);
  writer.uint32s(words);
  return seal(writer, "ZSPF", identity, words.length, 0);
}

/**
 * Decodes a filter; its memory is its own.
 *
 * @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT` as `decodeBlock`.
 */
export function decodeFilter(bytes: Uint8Array, identity: BlockIdentity, where: string): Filter {
  const { rows: count, columns, compression, body } = unseal(bytes, "ZSPF", identity, where);
  if (!isFilterSize(count) || body.length !== count * 4 || columns !== 0 || compression !== 0) {
    throw corrupt(where, `${body.length} bytes are said to be a filter of ${count} words`);
  }
  return { words: new ByteReader(body, where).uint32s(count) };
}

function isFilterSize(words: number): boolean {
  return words > 0 && words % WORDS_PER_BLOCK === 0;
}
