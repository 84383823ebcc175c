import type { Compression } from "@zspine/core";
import { DEFLATE } from "@zspine/core/deflate";

/** Those that blocks may be compressed by: the one that is given, and zspine's own, which no store is without. */
export function compressionsOf(given: Compression | undefined): readonly Compression[] {
  return given === undefined ? [DEFLATE] : [given, DEFLATE];
}
