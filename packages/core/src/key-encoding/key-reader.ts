import { decodeText, encodeText } from "../column/text.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { ESCAPE, LONG_BIGINT, TAG } from "./key-tag.ts";

const DOUBLE = new DataView(new ArrayBuffer(8));

/** A position in the bytes of a key. It reads what `KeyWriter` writes and refuses all else. */
export class KeyReader {
  readonly bytes: Uint8Array;
  /** Where the next byte is. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw this.malformed("more bytes", "the end");
    this.at++;
    return byte;
  }

  /** Goes past the end of something where it stands there. */
  tryEnd(): boolean {
    if (this.bytes[this.at] !== TAG.END) return false;
    this.at++;
    return true;
  }

  double(): number {
    const { bytes, at } = this;
    if (bytes.length - at < 8) throw this.malformed("a number of 8 bytes", `${bytes.length - at}`);
    for (let i = 0; i < 8; i++) DOUBLE.setUint8(i, bytes[at + i]!);
    // The sign bit is turned; where it was set, so are all others.
    const flip = DOUBLE.getInt32(0) < 0 ? 0 : 0xffffffff;
    DOUBLE.setUint32(0, (DOUBLE.getUint32(0) ^ flip ^ (flip === 0 ? 0x80000000 : 0)) >>> 0);
    DOUBLE.setUint32(4, (DOUBLE.getUint32(4) ^ flip) >>> 0);
    const value = DOUBLE.getFloat64(0);
    const isOnlyForm =
      value === value
        ? !Object.is(value, -0)
        : DOUBLE.getUint32(0) === 0x7ff80000 && DOUBLE.getUint32(4) === 0;
    if (!isOnlyForm) throw this.malformed("the one 0 and the one NaN", "another");
    this.at += 8;
    return value;
  }

  /** Reads length and magnitude of a bigint whose tag was read. */
  bigint(isNegative: boolean): bigint {
    const flip = isNegative ? 0xff : 0;
    let size = this.byte() ^ flip;
    if (size === LONG_BIGINT) {
      size = 0;
      for (let i = 0; i < 4; i++) size = size * 256 + (this.byte() ^ flip);
      if (size < LONG_BIGINT) throw this.malformed("a length in its shortest form", `${size} in four bytes`);
    }
    const { bytes, at } = this;
    if (size > bytes.length - at) throw this.malformed(`${size} bytes of a bigint`, `${bytes.length - at}`);
    if (size === 0) {
      if (isNegative) throw this.malformed("a bigint below 0", "0");
      return 0n;
    }
    if ((bytes[at]! ^ flip) === 0) throw this.malformed("a bigint without leading zeros", "one");
    const digits: string[] = [];
    for (let i = at; i < at + size; i++) digits.push((bytes[i]! ^ flip).toString(16).padStart(2, "0"));
    const magnitude = this.magnitude(digits.join(""));
    this.at += size;
    return isNegative ? -magnitude : magnitude;
  }

  private magnitude(hex: string): bigint {
    try {
      return BigInt(`0x${hex}`);
    } catch (cause) {
      // Engines have their own limits, from 2^20 bits on.
      const message = `the key has a bigint of ${hex.length / 2} bytes, more than this engine can hold`;
      throw new ZspineError("ZSPINE_DECODE", message, { cause });
    }
  }

  text(): string {
    const bytes = this.escaped();
    const text = decodeText(bytes, 0, bytes.length);
    if (bytes.every((byte) => byte < 0x80)) return text;
    // Bytes that do not come out again are not those of any text.
    const again = new Uint8Array(text.length * 3);
    const end = encodeText(text, again, 0);
    if (end !== bytes.length || !bytes.every((byte, i) => byte === again[i])) {
      throw this.malformed("text in UTF-8", "other bytes");
    }
    return text;
  }

  /** Reads bytes up to their end; they may be a view of the key. */
  escaped(): Uint8Array {
    const { bytes, at: start } = this;
    const end = bytes.indexOf(TAG.END, start);
    if (end === -1) throw this.malformed("an end of text or bytes", "none");
    const escaped = bytes.subarray(start, end);
    let escapes = 0;
    for (let i = escaped.indexOf(ESCAPE); i !== -1; i = escaped.indexOf(ESCAPE, i + 2)) {
      const byte = escaped[i + 1];
      if (byte !== 1 && byte !== 2) throw this.malformed("0x01 or 0x02 after each 0x01 of", "another byte");
      escapes++;
    }
    this.at = end + 1;
    if (escapes === 0) return escaped;
    const plain = new Uint8Array(escaped.length - escapes);
    for (let from = 0, to = 0; to < plain.length; from++) {
      const byte = escaped[from]!;
      plain[to++] = byte === ESCAPE ? escaped[++from]! - 1 : byte;
    }
    return plain;
  }

  malformed(expected: string, found: string): ZspineError {
    return new ZspineError(
      "ZSPINE_DECODE",
      `the bytes are not a key of encodeKey(): expected ${expected} at byte ${this.at}, found ${found}`,
    );
  }
}
