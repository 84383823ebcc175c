import { quote } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { ByteRange } from "./backend.ts";

/**
 * The part of a value that a range names, as a view of its bytes; without a range all of it.
 *
 * @throws `ZSPINE_CORRUPT` when the value ends before the range does.
 */
export function partOfValue(name: string, bytes: Uint8Array, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return bytes;
  const end = range.offset + range.length;
  if (end > bytes.length) throw valueTooShort(name, bytes.length, end);
  return bytes.subarray(range.offset, end);
}

/** Makes the error for a value that has `size` bytes, where `expected` were to be there. */
export function valueTooShort(name: string, size: number, expected: number | string): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `value ${quote(name)} has ${size} bytes, where ${expected} were to be there; restore it from a backup`,
  );
}
