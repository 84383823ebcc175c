import { deflateSync, inflateSync } from "fflate";
import { quote } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { Compression } from "./compression.ts";

/** No DEFLATE stream holds more than this many bytes in one: a match of 258 takes two bits at least. */
const RATIO_MAX = 1032;

/** What `deflate()` gives. */
export const DEFLATE: Compression = { name: "deflate", id: 1, compress, decompress };

function compress(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 6 });
}

function decompress(bytes: Uint8Array, rawLength: number): Uint8Array {
  if (!Number.isSafeInteger(rawLength) || rawLength < 0 || rawLength > bytes.length * RATIO_MAX) {
    throw malformed(
      `${bytes.length} bytes cannot hold the ${quote(rawLength)} bytes that are said to be in them`,
    );
  }
  // One byte more, in which a stream shows that it is too long: what lies beyond is dropped, not allocated.
  const room = new Uint8Array(rawLength + 1);
  let found: Uint8Array;
  try {
    found = inflateSync(bytes, { out: room });
  } catch (cause) {
    throw malformed(`${bytes.length} bytes are no DEFLATE stream, or a longer one than was said`, cause);
  }
  if (found.length !== rawLength) {
    const many = found.length > rawLength ? `more than ${rawLength}` : `${found.length}`;
    throw malformed(`they gave ${many} bytes, and ${rawLength} were expected`);
  }
  return found;
}

function malformed(found: string, cause?: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_DECODE",
    `deflate: bytes were not decompressed: ${found}; they are damaged, or were not written by this compression`,
    { cause },
  );
}
