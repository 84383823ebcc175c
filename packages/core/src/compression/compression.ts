/** A way to make bytes shorter. Blocks and values say by its id how they were compressed, so that readers know. */
export interface Compression {
  /** The name by which it is asked for. */
  readonly name: string;
  /** One byte, 1–255, that marks its data for ever; 0 means that data is not compressed. */
  readonly id: number;

  /** Compresses; the bytes belong to the caller. May give more bytes than it was given. */
  compress(bytes: Uint8Array): Uint8Array;

  /**
   * Decompresses to exactly `rawLength` bytes. Input is not trusted: no more than `rawLength` bytes are
   * ever allocated for the output.
   *
   * @throws `ZSPINE_DECODE` when it is malformed or gives another number of bytes.
   */
  decompress(bytes: Uint8Array, rawLength: number): Uint8Array;
}
