/**
 * Codes of what a format has no type of its own for: a **mark** is a code and its content. Stable for ever,
 * never used again for anything else; each format says in its own table how it writes a mark.
 *
 * | code | marks | content |
 * |---|---|---|
 * | −1 | `undefined` | null |
 * | −2 | Map | an array: key, value, key, value … by the bytes of the keys; a map where a format's map has keys of any kind |
 * | −3 | Set | an array of the members, by their bytes |
 * | −4 | Date | its time, a number of milliseconds |
 * | −5 | bigint from 2⁶⁴ on | the magnitude, big-endian bytes without leading zeros |
 * | −6 | bigint below −2⁶³ | n as the magnitude of −1 − n |
 * | −7 | text that has lone surrogates or begins with a byte order mark | its bytes, WTF-8 |
 * | −8 | object with a key as in −7, or `__proto__` | an array: key, value, key, value … by the code units of the keys |
 * | −9 | a whole value, compressed; outermost only | an array: id of the compression, length of the value's bytes, compressed bytes |
 * | −16 … −25 | Int8, Uint8Clamped, Int16, Uint16, Int32, Uint32, Float32, Float64, BigInt64, BigUint64 array | its elements, little-endian bytes; −0 as 0, one NaN |
 * | 0 … 127 | an extension, by its id | what the extension makes of the value |
 */
export const MARK = {
  UNDEFINED: -1,
  MAP: -2,
  SET: -3,
  DATE: -4,
  BIGINT: -5,
  BIGINT_NEGATIVE: -6,
  TEXT: -7,
  OBJECT: -8,
  COMPRESSED: -9,
  /** The first of the typed arrays; the others follow downwards. */
  FIRST_VIEW: -16,
} as const;

/** The highest id that an extension may have. */
export const EXTENSION_ID_MAX = 127;

/** A code of {@link MARK}, or the id of an extension, with its content. */
export interface Mark {
  readonly code: number;
  readonly content: unknown;
}
