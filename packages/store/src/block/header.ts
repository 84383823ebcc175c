import type { Compression } from "@zspine/core";
import { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { crc32 } from "./crc32.ts";
import { corrupt, unreadable } from "./damage.ts";
import { checkIdentity, describeIdentity, type BlockIdentity } from "./identity.ts";

/**
 * The header of all bytes of stored batches. Format 1; numbers are unsigned and little-endian:
 *
 * | offset | bytes | hold |
 * |---|---|---|
 * | 0 | 4 | magic: `ZSPB` a block, `ZSPF` a filter, `ZSPI` a block index, `ZSPT` a table of traces, `ZSPL` a loan, `ZSPJ` a job, `ZSPW` a list of warm slots |
 * | 4 | 1 | format version |
 * | 5 | 1 | id of the compression, 0 for none |
 * | 6 | 2 | flags, all 0 |
 * | 8 | 12 | identity: writer, batch, number, 4 bytes each |
 * | 20 | 4 | rows of a block, words of a filter, blocks of an index, entries of a table or list, values of a loan |
 * | 24 | 4 | columns of a block, else 0 |
 * | 28 | 4 | raw length: bytes of the body when it is not compressed |
 * | 32 | 4 | stored length: bytes of the body as it follows |
 * | 36 | 4 | CRC-32 of the 36 bytes before and of the body |
 * | 40 | | the body |
 *
 * Magic, version and checksum keep their places in every version, so that what a newer version wrote and what
 * is damaged are told apart. Nothing is decompressed or decoded before the checksum is right.
 */
export const HEADER_BYTES = 40;

const FORMAT_VERSION = 1;
const CHECKSUM_AT = HEADER_BYTES - 4;
/** What the body of one piece of bytes may have at most. */
const LENGTH_MAX = 0x7fffffff;

/** What a header is for. */
export type Magic = "ZSPB" | "ZSPF" | "ZSPI" | "ZSPT" | "ZSPJ" | "ZSPL" | "ZSPW";

const NAMES: Readonly<Record<Magic, string>> = {
  ZSPB: "a block",
  ZSPF: "a filter",
  ZSPI: "a block index",
  ZSPT: "a table of traces",
  ZSPJ: "a job",
  ZSPL: "a loan",
  ZSPW: "a list of warm slots",
};

/** What is behind a header. */
export interface Sealed {
  readonly rows: number;
  readonly columns: number;
  /** The id of the compression, 0 for none. */
  readonly compression: number;
  readonly rawLength: number;
  /** As stored; a view of the bytes. */
  readonly body: Uint8Array;
}

/**
 * Puts a header before the body that `writer` holds after {@link HEADER_BYTES} reserved ones, and compresses
 * the body where that makes it smaller.
 *
 * @throws `RangeError` when the identity is no three 32-bit integers or the body has 2³¹ bytes or more.
 */
export function seal(
  writer: ByteWriter,
  magic: Magic,
  identity: BlockIdentity,
  rows: number,
  columns: number,
  compression?: Compression,
): Uint8Array {
  checkIdentity(identity);
  const raw = writer.written().subarray(HEADER_BYTES);
  if (raw.length > LENGTH_MAX) {
    throw new RangeError(
      `${NAMES[magic]} would have ${raw.length} bytes, at most ${LENGTH_MAX} are possible; put fewer rows in it`,
    );
  }
  const compressed = compression?.compress(raw);
  const isSmaller = compressed !== undefined && compressed.length < raw.length;
  const body = isSmaller && isPlausible(raw.length, compressed.length) ? compressed : raw;
  const sealed = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(sealed.buffer);
  for (let i = 0; i < 4; i++) sealed[i] = magic.charCodeAt(i);
  sealed[4] = FORMAT_VERSION;
  sealed[5] = body === raw ? 0 : compression!.id;
  const { writer: by, batch, number } = identity;
  view.setUint32(8, by, true);
  view.setUint32(12, batch, true);
  view.setUint32(16, number, true);
  view.setUint32(20, rows, true);
  view.setUint32(24, columns, true);
  view.setUint32(28, raw.length, true);
  view.setUint32(32, body.length, true);
  sealed.set(body, HEADER_BYTES);
  view.setUint32(CHECKSUM_AT, checksumOf(sealed), true);
  return sealed;
}

/**
 * Checks a header and the checksum.
 *
 * @throws `ZSPINE_CORRUPT` when the bytes are damaged, or are others than those of `magic` and `identity`;
 *   `ZSPINE_FORMAT` when another version wrote them. The message begins with `where`.
 */
export function unseal(given: Uint8Array, magic: Magic, identity: BlockIdentity, where: string): Sealed {
  // Not a subclass such as Buffer, whose slices are views: what is decoded would be part of it.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < HEADER_BYTES) {
    throw corrupt(where, `there are ${bytes.length} bytes, a header alone has ${HEADER_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (at: number): number => view.getUint32(at, true);
  for (let i = 0; i < 4; i++) {
    if (bytes[i] !== magic.charCodeAt(i)) throw corrupt(where, `it does not begin as ${NAMES[magic]} does`);
  }
  const computed = checksumOf(bytes);
  if (computed !== field(CHECKSUM_AT)) {
    const expected = field(CHECKSUM_AT).toString(16);
    throw corrupt(where, `its CRC-32 is ${computed.toString(16)}, ${expected} is expected`);
  }
  const flags = view.getUint16(6, true);
  if (bytes[4] !== FORMAT_VERSION || flags !== 0) {
    throw unreadable(
      where,
      `it is of format ${bytes[4]} with flags ${flags}, format ${FORMAT_VERSION} without flags is known`,
    );
  }
  const found = { writer: field(8), batch: field(12), number: field(16) };
  if (!equals(found, identity)) {
    const expected = describeIdentity(identity);
    throw corrupt(where, `it is ${describeIdentity(found)}, ${expected} is expected`);
  }
  const body = bytes.subarray(HEADER_BYTES);
  if (field(32) !== body.length) {
    throw corrupt(where, `its body has ${body.length} bytes, ${field(32)} are expected`);
  }
  const rawLength = field(28);
  const compression = bytes[5]!;
  if (compression === 0 ? rawLength !== body.length : !isPlausible(rawLength, body.length)) {
    throw corrupt(where, `${body.length} bytes are said to stand for ${rawLength}`);
  }
  return { rows: field(20), columns: field(24), compression, rawLength, body };
}

/**
 * Makes a reader of a body, decompressed.
 *
 * @throws `ZSPINE_FORMAT` when none of `compressions` has the id; `ZSPINE_CORRUPT` when it does not decompress.
 */
export function readBody(sealed: Sealed, compressions: readonly Compression[], where: string): ByteReader {
  const { compression: id, body, rawLength } = sealed;
  if (id === 0) return new ByteReader(body, where);
  const compression = compressions.find((known) => known.id === id);
  if (compression === undefined)
    throw unreadable(where, `it is compressed in a way (id ${id}) that is not known`);
  let raw: Uint8Array;
  try {
    raw = compression.decompress(body, rawLength);
  } catch (error) {
    throw corrupt(where, `it does not decompress (${compression.name})`, error);
  }
  if (raw.length !== rawLength) {
    throw corrupt(where, `it decompresses to ${raw.length} bytes, ${rawLength} are expected`);
  }
  return new ByteReader(raw, where);
}

// What a few bytes may decompress to, so that crafted ones do not fill the memory.
const RATIO_FREE = 16 * 1024 * 1024;
const RATIO_MAX = 64;

function isPlausible(rawLength: number, storedLength: number): boolean {
  return rawLength <= Math.min(LENGTH_MAX, RATIO_FREE + RATIO_MAX * storedLength);
}

function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes, HEADER_BYTES, bytes.length, crc32(bytes, 0, CHECKSUM_AT));
}

function equals(a: BlockIdentity, b: BlockIdentity): boolean {
  return a.writer === b.writer && a.batch === b.batch && a.number === b.number;
}
