import { ZspineError } from "@zspine/core";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes numbers as varints, and text with its length. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  number(value: number): void {
    this.#reserve(8);
    while (value >= 128) {
      this.#bytes[this.#length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.number(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads them back. @throws `ZSPINE_CORRUPT` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; factor <= 128 ** 7; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw tooShort();
  }

  /** A number of items, each of at least a byte. */
  count(): number {
    const count = this.number();
    if (count > this.#bytes.length - this.#at) throw tooShort();
    return count;
  }

  text(): string {
    const length = this.count();
    return decoder.decode(this.#bytes.subarray(this.#at, (this.#at += length)));
  }
}

function tooShort(): ZspineError {
  return new ZspineError("ZSPINE_CORRUPT", "a directory of packs ends before it is whole");
}
