import CRC32 from "crc-32";
import type { ObjectPage } from "../cache/object-cache.ts";

/**
 * The bytes of a page in a file, little-endian:
 *
 * | offset      | bytes | is                                                                   |
 * | ----------- | ----- | -------------------------------------------------------------------- |
 * | 0           | 4     | `zs3p`                                                               |
 * | 4           | 4     | CRC-32 of all that follows                                           |
 * | 8           | 8     | bytes of the whole object                                            |
 * | 16          | 4     | the number of the page                                               |
 * | 20          | 4     | n: bytes of the name of the object                                   |
 * | 24          | 4     | e: bytes of its ETag                                                 |
 * | 28          | 4     | p: bytes of the page                                                 |
 * | 32          | n + e | the name of the object, its ETag, as UTF-8                           |
 * | 32 + n + e  | p     | the page                                                             |
 */
const HEADER_BYTES = 32;
const MAGIC = 0x70_33_73_7a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodePage(object: string, page: number, { bytes, size, etag }: ObjectPage): Uint8Array {
  const [name, tag] = [encoder.encode(object), encoder.encode(etag)];
  const file = new Uint8Array(HEADER_BYTES + name.length + tag.length + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC, true);
  view.setBigUint64(8, BigInt(size), true);
  view.setUint32(16, page, true);
  view.setUint32(20, name.length, true);
  view.setUint32(24, tag.length, true);
  view.setUint32(28, bytes.length, true);
  file.set(name, HEADER_BYTES);
  file.set(tag, HEADER_BYTES + name.length);
  file.set(bytes, HEADER_BYTES + name.length + tag.length);
  view.setInt32(4, CRC32.buf(file.subarray(8)), true);
  return file;
}

/** Reads a page back; `undefined` for what is damaged, or is not that page of that object. */
export function decodePage(file: Uint8Array, object: string, page: number): ObjectPage | undefined {
  if (file.length < HEADER_BYTES) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const middle = HEADER_BYTES + view.getUint32(20, true);
  const start = middle + view.getUint32(24, true);
  const length = view.getUint32(28, true);
  if (view.getUint32(0, true) !== MAGIC || start + length !== file.length) return undefined;
  if (view.getInt32(4, true) !== CRC32.buf(file.subarray(8))) return undefined;
  const name = decoder.decode(file.subarray(HEADER_BYTES, middle));
  if (name !== object || view.getUint32(16, true) !== page) return undefined;
  const etag = decoder.decode(file.subarray(middle, start));
  return { bytes: file.subarray(start), size: Number(view.getBigUint64(8, true)), etag };
}
