import { checkOptions } from "../input/options.ts";
import type { Compression } from "./compression.ts";
import { DEFLATE } from "./deflate-codec.ts";

/**
 * Makes the compression DEFLATE (RFC 1951, without a header), id 1. It is the same code in every runtime, so
 * equal bytes are compressed to equal bytes everywhere; its output is held by golden tests.
 *
 * Decompressing allocates `rawLength` bytes, and refuses a `rawLength` that so few bytes cannot hold before it
 * allocates anything: a claim is worth at most 1,032 times the bytes that make it.
 *
 * It has no options, for equal bytes are to stay equal: a level is refused with `ZSPINE_INVALID_OPTIONS`.
 */
export function deflate(options: Readonly<Record<string, never>> = {}): Compression {
  checkOptions(options, "deflate", {});
  return DEFLATE;
}
