import { bytesAfter } from "../column/binary-column.ts";
import { quote } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { encodeKey } from "./encode-key.ts";

/**
 * Gives the range of bytes, from `gte` to below `lt`, that has the keys of all values that begin with
 * `prefix`: of all arrays that begin with its items, or of all text or bytes that begin with it. A text has to
 * be continued by whole characters: a lone half of a surrogate pair is not the beginning of the pair.
 *
 * | bound | bytes |
 * |---|---|
 * | `gte` | `encodeKey(prefix)` without the 0x00 at its end |
 * | `lt` | the same with 1 added to the last byte that is not 0xff, and without what follows that |
 *
 * ```ts
 * const { gte, lt } = keyPrefixRange(["ann"]); // ["ann"], ["ann", 1], ["ann", "x", true]; not ["anna"]
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when it is no array, text or Uint8Array; `ZSPINE_ENCODE` as `encodeKey`.
 */
export function keyPrefixRange(prefix: readonly unknown[] | string | Uint8Array): {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
} {
  if (!Array.isArray(prefix) && typeof prefix !== "string" && !(prefix instanceof Uint8Array)) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `keyPrefixRange: expected an array, a string or a Uint8Array, found ${quote(prefix)}; other values begin with nothing`,
      { path: ["prefix"] },
    );
  }
  const key = encodeKey(prefix);
  const gte = key.slice(0, key.length - 1);
  // It begins with a tag, which is not 0xff, so that there always are bytes after it.
  return { gte, lt: bytesAfter(gte)! };
}
