/**
 * First bytes of the values of an ordered key, in the order of their types; see `encodeKey`. There are gaps
 * where other types may come between.
 */
export const TAG = {
  /** Not a value: where text, bytes, arrays, objects, Maps and Sets end. */
  END: 0x00,
  UNDEFINED: 0x10,
  NULL: 0x11,
  FALSE: 0x20,
  TRUE: 0x21,
  NUMBER: 0x30,
  BIGINT_NEGATIVE: 0x38,
  BIGINT: 0x39,
  DATE: 0x40,
  TEXT: 0x48,
  BYTES: 0x50,
  TYPED_ARRAY: 0x58,
  ARRAY: 0x60,
  OBJECT: 0x68,
  MAP: 0x70,
  SET: 0x78,
} as const;

/**
 * Stands in text and bytes for 0x00, which is their end, and for itself: a byte one greater than what it
 * stands for follows. Escaping with 0x00 and 0xff, as others do, would make "" the beginning of "\0".
 */
export const ESCAPE = 0x01;

/** How many values may lie in one another. */
export const KEY_DEPTH_MAX = 128;

/** The length of a bigint that does not fit one byte is four bytes after this. */
export const LONG_BIGINT = 0xff;
