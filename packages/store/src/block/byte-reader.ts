import { bytesOf, swapToLittle } from "./byte-order.ts";
import { corrupt } from "./damage.ts";

// What short encodings may grow to: light encodings of real blocks stay far below both.
const EXPANSION_FREE = 16 * 1024 * 1024;
const EXPANSION_MAX = 64;
const TEXT_BYTES_MAX = 0x7fffffff;

/** Computes how many bytes of text `encoded` bytes may stand for. */
export function textAllowance(encoded: number): number {
  return Math.min(TEXT_BYTES_MAX, EXPANSION_FREE + EXPANSION_MAX * encoded);
}

/**
 * Reads bytes that nobody vouches for: a length is checked against the bytes that remain before anything of
 * that length is made, and nothing that is returned shares memory with the bytes, but for `raw`.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  private readonly where: string;
  private readonly view: DataView;
  private allowance: number;

  /** @param where What is read, for messages. */
  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes;
    this.where = where;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.allowance = textAllowance(bytes.length);
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  byte(): number {
    return this.bytes[this.advance(1)]!;
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** Reads one number of a column: never NaN, never −0. */
  float64(): number {
    const value = this.view.getFloat64(this.advance(8), true);
    if (Number.isNaN(value) || Object.is(value, -0))
      this.fail("a number is NaN or −0, which no column holds");
    return value;
  }

  /** Gives the next `count` bytes as a view. */
  raw(count: number): Uint8Array {
    const at = this.advance(count);
    return this.bytes.subarray(at, at + count);
  }

  float64s(count: number): Float64Array {
    const bytes = this.raw(count * 8);
    const values = new Float64Array(count);
    bytesOf(values).set(bytes);
    swapToLittle(bytesOf(values), 8);
    return values;
  }

  uint32s(count: number): Uint32Array {
    const bytes = this.raw(count * 4);
    const values = new Uint32Array(count);
    bytesOf(values).set(bytes);
    swapToLittle(bytesOf(values), 4);
    return values;
  }

  /** Reads `count` bytes as 32-bit words. After them comes a word of zeros, so that bits may be read past the end. */
  bits(count: number): Uint32Array {
    const bytes = this.raw(count);
    const words = new Uint32Array(Math.ceil(count / 4) + 1);
    bytesOf(words).set(bytes);
    swapToLittle(bytesOf(words), 4);
    return words;
  }

  /** Takes `count` bytes from what all text of this reader may come to; to be called before they are made. */
  claim(count: number): void {
    this.allowance -= count;
    if (!(this.allowance >= 0)) {
      this.fail(`text would take more than the ${textAllowance(this.bytes.length)} bytes that it may`);
    }
  }

  /** @throws `ZSPINE_CORRUPT` unless everything was read. */
  end(): void {
    if (this.remaining > 0) this.fail(`${this.remaining} bytes are left over at the end`);
  }

  /** @throws `ZSPINE_CORRUPT`, always. */
  fail(damage: string): never {
    throw corrupt(this.where, damage);
  }

  private advance(count: number): number {
    const at = this.position;
    if (count > this.bytes.length - at) {
      this.fail(`${count} bytes are expected at offset ${at} of the contents, ${this.remaining} remain`);
    }
    this.position = at + count;
    return at;
  }
}
