import type { Mark } from "./mark.ts";

/** What begins at a byte: a value of fixed size, a length of text, bytes, an array or a map, or a mark. */
export type HeaderKind =
  "null" | "number" | "bigint" | "scalar" | "text" | "bytes" | "array" | "map" | "mark";

/** What {@link ValueFormat.readHeader} found. One is used over and over. */
export interface Header {
  kind: HeaderKind;
  /** Bytes of text or bytes; items of an array; entries of a map; code of a mark. */
  length: number;
  /** Where the header ends: behind all of a value of fixed size, else before what it announces. */
  end: number;
}

/**
 * What a serializer needs to know of a format. What all formats share (which values there are, their order,
 * their refusal, the check of bytes nobody trusts, extensions, compression) is done by `formatSerializer` on
 * **trees**: null, booleans, numbers, bigints of −2⁶³ … 2⁶⁴ − 1, plain text, `Uint8Array`, arrays, objects with
 * plain keys, and what {@link ValueFormat.mark} makes of the rest. A tree is what its library can be trusted with.
 */
export interface ValueFormat {
  /** What the mark of a Map holds in bytes. */
  readonly mapContent: "array" | "map";

  /** Writes a tree. The bytes may lie in memory that the next call writes over. */
  write(tree: unknown): Uint8Array;

  /**
   * Reads a tree from bytes that were checked by way of {@link ValueFormat.readHeader}. It may share nothing
   * with `bytes`. `hasMarks` tells whether there are any: without, a tree is the value itself.
   */
  read(bytes: Uint8Array, hasMarks: boolean): unknown;

  /**
   * Reads what begins at `at` < `bytes.length`. It need not look at whether `bytes` go on so far.
   *
   * @throws `ZSPINE_DECODE`, made by {@link refusedBytes}, for what the format does not write.
   */
  readHeader(bytes: Uint8Array, at: number, header: Header): void;

  /** Makes the part of a tree that stands for a mark. The content of `MARK.MAP` is given as an array. */
  mark(code: number, content: unknown): unknown;

  /**
   * Gives back the mark that an object of a tree stands for, `undefined` where it stands for none. Contents
   * may be what a library makes of them at once: a Map or Set for an array, a Date for its time, a bigint for bytes.
   */
  unmark(node: object): Mark | undefined;
}
