/**
 * Bytes for values that have no columnar type. The encoding is **canonical**: equal values give equal
 * bytes (map keys sorted, numbers in their shortest form), for a store compares opaque values by bytes.
 *
 * Round trip: `undefined`, `null`, booleans, numbers with NaN and ±Infinity, bigints, text with lone
 * surrogates and NUL, bytes and typed arrays, `Date`, `Map`, `Set`, arrays and plain objects, nested at
 * least 50 deep. −0 is encoded as 0. What has no encoding (functions, cycles, classes that were not
 * registered) is refused, and what `decode` accepts can be encoded again.
 */
export interface Serializer {
  /** The name by which a registry finds it and a store remembers it. */
  readonly name: string;
  /** One byte, 1–255, that marks its data for ever; never used again for another encoding. */
  readonly id: number;

  /** Encodes a value; the bytes belong to the caller. @throws `ZSPINE_ENCODE` for a value it cannot hold. */
  encode(value: unknown): Uint8Array;

  /**
   * Decodes what {@link Serializer.encode} gave, without keeping `bytes`. Input is not trusted: limits
   * on depth, lengths and total apply, and nothing may follow the value. @throws `ZSPINE_DECODE` for anything else.
   */
  decode(bytes: Uint8Array): unknown;

  /** The exact number of bytes that {@link Serializer.encode} would give. */
  estimateSize(value: unknown): number;
}
