import CRC32 from "crc-32";
import { ZspineError } from "@zspine/core";
import { decodeDirectory, encodeDirectory, type Directory } from "./directory.ts";

/**
 * The bytes of a head's object, little endian.
 *
 * | offset | bytes | is                                                            |
 * | ------ | ----- | ------------------------------------------------------------- |
 * | 0      | 4     | `zs3h`                                                        |
 * | 4      | 4     | version of the format, 1                                      |
 * | 8      | 8     | number of the head                                            |
 * | 16     | 16    | random: tells an attempt from all others                      |
 * | 32     | 4     | v: bytes of the values that lie in it                         |
 * | 36     | 4     | d: bytes of the directory                                     |
 * | 40     | 4     | h: bytes of the head                                          |
 * | 44     | 4     | CRC-32 of the 44 bytes before, the directory and the head     |
 * | 48     | v     | values, which who put them has checksums of                   |
 * | 48 + v | d + h | the directory, the head                                       |
 */
export const HEAD_HEADER_BYTES = 48;

const MAGIC = 0x68_33_73_7a;
const VERSION = 1;

/** A head as its object has it. */
export interface HeadObject {
  readonly number: number;
  /** 16 random bytes. */
  readonly attempt: Uint8Array;
  readonly directory: Directory;
  /** What the store says. */
  readonly head: Uint8Array;
}

/** Makes the object of a head, with values from {@link HEAD_HEADER_BYTES} on. */
export function encodeHeadObject(
  { number, attempt, directory, head }: HeadObject,
  values: readonly Uint8Array[],
): Uint8Array {
  const told = encodeDirectory(directory);
  const start = values.reduce((sum, { length }) => sum + length, HEAD_HEADER_BYTES);
  const object = new Uint8Array(start + told.length + head.length);
  const view = new DataView(object.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setBigUint64(8, BigInt(number), true);
  object.set(attempt, 16);
  view.setUint32(32, start - HEAD_HEADER_BYTES, true);
  view.setUint32(36, told.length, true);
  view.setUint32(40, head.length, true);
  let at = HEAD_HEADER_BYTES;
  for (const bytes of [...values, told, head]) {
    object.set(bytes, at);
    at += bytes.length;
  }
  view.setInt32(44, checksumOf(object, start), true);
  return object;
}

/** @throws `ZSPINE_CORRUPT` when it is damaged, or another head; `ZSPINE_FORMAT` when a newer version has made it. */
export function decodeHeadObject(object: Uint8Array, number: number): HeadObject {
  const damaged = (what: string): ZspineError =>
    new ZspineError("ZSPINE_CORRUPT", `the object of head ${number} is damaged: ${what}; restore a backup`);
  if (object.length < HEAD_HEADER_BYTES) throw damaged(`it has ${object.length} bytes`);
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw damaged("it does not begin as one");
  const version = view.getUint32(4, true);
  if (version !== VERSION) {
    const message = `the object of head ${number} has version ${version}, and this version of @zspine/backend-s3 reads ${VERSION}; install a newer one`;
    throw new ZspineError("ZSPINE_FORMAT", message);
  }
  const start = HEAD_HEADER_BYTES + view.getUint32(32, true);
  const middle = start + view.getUint32(36, true);
  const end = middle + view.getUint32(40, true);
  if (end !== object.length) throw damaged(`it has ${object.length} bytes, and says ${end}`);
  if (view.getInt32(44, true) !== checksumOf(object, start)) throw damaged("its checksum is wrong");
  if (view.getBigUint64(8, true) !== BigInt(number)) throw damaged("it is that of another head");
  const directory = decodeDirectory(object.subarray(start, middle));
  return { number, attempt: object.slice(16, 32), directory, head: object.subarray(middle) };
}

function checksumOf(object: Uint8Array, start: number): number {
  return CRC32.buf(object.subarray(start), CRC32.buf(object.subarray(0, 44)));
}
