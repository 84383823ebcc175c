import { bytesOf, swapToLittle } from "./byte-order.ts";

/** Bytes that grow, little-endian. */
export class ByteWriter {
  bytes: Uint8Array;
  length: number;
  private view: DataView;

  /** Leaves `reserved` bytes at the start for the caller to fill. */
  constructor(capacity: number, reserved = 0) {
    this.bytes = new Uint8Array(Math.max(capacity, reserved, 64));
    this.view = new DataView(this.bytes.buffer);
    this.length = reserved;
  }

  /** Lets go of what was written, but for the memory, and leaves `reserved` bytes at the start for the caller to fill. */
  restart(reserved: number): void {
    this.length = 0;
    this.advance(reserved);
  }

  byte(value: number): void {
    // The place first: making room may put another array in place of the one that is written to.
    const at = this.advance(1);
    this.bytes[at] = value;
  }

  uint32(value: number): void {
    const at = this.advance(4);
    this.view.setUint32(at, value, true);
  }

  float64(value: number): void {
    const at = this.advance(8);
    this.view.setFloat64(at, value, true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.advance(bytes.length);
    this.bytes.set(bytes, at);
  }

  float64s(values: Float64Array): void {
    this.words(values, values.byteLength, 8);
  }

  uint32s(values: Uint32Array): void {
    this.words(values, values.byteLength, 4);
  }

  /** Appends the first `count` bytes of `words`, as little-endian words. */
  bits(words: Uint32Array, count: number): void {
    this.words(words, count, 4);
  }

  /** Makes room for `count` bytes, which the caller fills. Returns where they begin. */
  advance(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  /** Gives a view of what was written; writing on may or may not show in it. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private words(words: Float64Array | Uint32Array, count: number, size: 4 | 8): void {
    const at = this.advance(Math.ceil(count / size) * size);
    this.bytes.set(bytesOf(words).subarray(0, this.length - at), at);
    swapToLittle(this.bytes.subarray(at, this.length), size);
    this.length = at + count;
  }
}
