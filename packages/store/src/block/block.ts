import type { Compression } from "@zspine/core";
import { DEFLATE } from "@zspine/core/deflate";
import { makePart, WEIGHT_MAX, type ColumnKind, type Part } from "@zspine/core/engine";
import type { ByteReader } from "./byte-reader.ts";
import { BLOCK_ROWS_MAX } from "./block-size.ts";
import { ByteWriter } from "./byte-writer.ts";
import { corrupt } from "./damage.ts";
import { readColumns, writeColumns } from "./encoding-columns.ts";
import { readNumbers, writeNumbers } from "./encoding-numbers.ts";
import { HEADER_BYTES, readBody, seal, unseal } from "./header.ts";
import type { BlockIdentity } from "./identity.ts";

/**
 * Encodes rows as a block: the unit that is read, checked and cached. What is in it:
 *
 * | part | see |
 * |---|---|
 * | header, magic `ZSPB` | header.ts |
 * | the columns | encoding-columns.ts |
 * | the weights, as numbers | encoding-numbers.ts |
 *
 * The bytes belong to the caller. Cost O(bytes of the part); the same rows give the same bytes on every machine.
 *
 * @param compression Compresses the body where that makes it smaller; by default nothing does.
 * @throws `RangeError` when the part has no rows or more than {@link BLOCK_ROWS_MAX}, a weight is 0 or no
 *   integer within ±(2⁵³ − 1), a column holds what no column can, or a part of the identity is no unsigned 32-bit
 *   integer. What could not be read again is not written.
 */
export function encodeBlock(part: Part, identity: BlockIdentity, compression?: Compression): Uint8Array {
  const { columns, weights } = part;
  const rows = weights.length;
  if (rows < 1 || rows > BLOCK_ROWS_MAX) {
    throw new RangeError(`a block has 1–${BLOCK_ROWS_MAX} rows, found ${rows}; cut the part first`);
  }
  if (!areWeights(weights)) {
    throw new RangeError("a weight is 0 or no integer within ±(2^53 − 1); consolidate the rows first");
  }
  // Missing while a block is encoded, for compressing it may run code that encodes another.
  const writer = spare ?? new ByteWriter(HEADER_BYTES + (part.bytes >>> 1) + 1024);
  spare = undefined;
  writer.restart(HEADER_BYTES);
  writeColumns(writer, columns);
  writeNumbers(writer, weights);
  const block = seal(writer, "ZSPB", identity, rows, columns.length, compression);
  if (writer.bytes.length <= SPARE_BYTES) spare = writer;
  return block;
}

/**
 * What the last block was written in, for the next: memory that large costs more to have made than to fill. Of all stores of
 * a process, and accounted for by none.
 */
let spare: ByteWriter | undefined;
const SPARE_BYTES = 256 * 1024;

/**
 * Decodes a block. Its memory is its own, nothing of `bytes` is kept. That rows are sorted and distinct is not
 * looked at: it was so when the checksum was computed.
 *
 * @param kinds How the columns of the rows are laid out, by the schema.
 * @param identity Who the block must be.
 * @param where What is read, for messages: trace, batch and block.
 * @param compressions Those that may have compressed it; by default deflate.
 * @throws `ZSPINE_CORRUPT` when anything is damaged, or the bytes are another block's; `ZSPINE_FORMAT` when a
 *   newer version wrote them, or an unknown compression compressed them.
 */
export function decodeBlock(
  bytes: Uint8Array,
  kinds: readonly ColumnKind[],
  identity: BlockIdentity,
  where: string,
  compressions: readonly Compression[] = [DEFLATE],
): Part {
  const { reader, rows } = openBody(bytes, kinds, identity, where, compressions);
  return readRows(reader, kinds, rows);
}

/** Reads the contents of a block to their end. */
export function readRows(reader: ByteReader, kinds: readonly ColumnKind[], rows: number): Part {
  const columns = readColumns(reader, kinds, rows);
  const weights = readNumbers(reader, rows);
  checkWeights(reader, weights);
  reader.end();
  return makePart(columns, weights);
}

/** The contents of a block, decompressed. */
export interface BlockBody {
  readonly reader: ByteReader;
  readonly rows: number;
}

/** Checks a block as far as that is the same for all that is made of it; arguments and errors as of {@link decodeBlock}. */
export function openBody(
  bytes: Uint8Array,
  kinds: readonly ColumnKind[],
  identity: BlockIdentity,
  where: string,
  compressions: readonly Compression[],
): BlockBody {
  const sealed = unseal(bytes, "ZSPB", identity, where);
  const { rows, columns: count } = sealed;
  if (rows < 1 || rows > BLOCK_ROWS_MAX) {
    throw corrupt(where, `it says that it has ${rows} rows, 1–${BLOCK_ROWS_MAX} are expected`);
  }
  if (count !== kinds.length) {
    throw corrupt(where, `it has ${count} columns, the schema ${kinds.length}`);
  }
  return { reader: readBody(sealed, compressions, where), rows };
}

/** Checks weights that were read. */
export function checkWeights(reader: ByteReader, weights: Float64Array): void {
  if (!areWeights(weights)) reader.fail("a weight is 0 or no integer within ±(2^53 − 1)");
}

function areWeights(weights: Float64Array): boolean {
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    if (weight === 0 || !(weight <= WEIGHT_MAX && weight >= -WEIGHT_MAX) || Math.trunc(weight) !== weight) {
      return false;
    }
  }
  return true;
}
