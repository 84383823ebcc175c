import CRC32 from "crc-32";

/** Computes the CRC-32 (ISO-HDLC, as in zlib) of `bytes[start, end)`, going on from that of what came before. */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  return CRC32.buf(bytes.subarray(start, end), before) >>> 0;
}
