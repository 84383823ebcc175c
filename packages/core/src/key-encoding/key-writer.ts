import { compareBytes } from "../column/binary-column.ts";
import { encodeText } from "../column/text.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { ESCAPE, LONG_BIGINT, TAG } from "./key-tag.ts";

/** Where a part of something that is sorted lies: `[start, keyEnd)` sorts it, `[start, end)` moves with it. */
export interface Entry {
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
}

const FIRST_BYTES = 64;
const KEY_BYTES_MAX = 2 ** 30;

// One double and its bytes; writing is synchronous, so one serves all.
const DOUBLE = new DataView(new ArrayBuffer(8));

/** Growing bytes of a key. What it writes, `KeyReader` reads. */
export class KeyWriter {
  private bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** How many bytes were written. */
  length = 0;

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Writes a double so that bytes are in numeric order: the sign bit turned, and all others when it was set. */
  double(value: number): void {
    this.reserve(8);
    // Adding 0 turns −0 into 0. Any NaN is to have the same bits.
    if (value === value) DOUBLE.setFloat64(0, value + 0);
    else DOUBLE.setBigUint64(0, 0x7ff8n << 48n);
    const flip = DOUBLE.getInt32(0) < 0 ? 0xffffffff : 0;
    DOUBLE.setUint32(0, (DOUBLE.getUint32(0) ^ flip ^ (flip === 0 ? 0x80000000 : 0)) >>> 0);
    DOUBLE.setUint32(4, (DOUBLE.getUint32(4) ^ flip) >>> 0);
    for (let i = 0; i < 8; i++) this.bytes[this.length++] = DOUBLE.getUint8(i);
  }

  /** Writes tag, length and magnitude of a bigint; the bytes of a negative one are turned, as more is less. */
  bigint(value: bigint): void {
    const flip = value < 0n ? 0xff : 0;
    const digits = value === 0n ? "" : (value < 0n ? -value : value).toString(16);
    const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
    const size = hex.length / 2;
    this.reserve(size + 6);
    const { bytes } = this;
    bytes[this.length++] = flip === 0 ? TAG.BIGINT : TAG.BIGINT_NEGATIVE;
    if (size < LONG_BIGINT) bytes[this.length++] = size ^ flip;
    else {
      bytes[this.length++] = LONG_BIGINT ^ flip;
      for (let shift = 24; shift >= 0; shift -= 8) bytes[this.length++] = ((size >>> shift) & 0xff) ^ flip;
    }
    for (let i = 0; i < hex.length; i += 2) {
      bytes[this.length++] = Number.parseInt(hex.slice(i, i + 2), 16) ^ flip;
    }
  }

  /** Writes text as bytes with 0x00 and 0x01 escaped, and its end. */
  text(text: string): void {
    this.reserve(text.length * 3 + 1);
    if (!text.includes("\0") && !text.includes("\u0001")) {
      this.length = encodeText(text, this.bytes, this.length);
      this.bytes[this.length++] = TAG.END;
      return;
    }
    const room = new Uint8Array(text.length * 3);
    this.escaped(room.subarray(0, encodeText(text, room, 0)));
  }

  /** Writes bytes with 0x00 and 0x01 escaped, and their end. */
  escaped(value: Uint8Array): void {
    this.reserve(value.length * 2 + 1);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < value.length; i++) {
      const byte = value[i]!;
      if (byte > ESCAPE) bytes[at++] = byte;
      else {
        bytes[at++] = ESCAPE;
        bytes[at++] = byte + 1;
      }
    }
    bytes[at++] = TAG.END;
    this.length = at;
  }

  /**
   * Brings entries, which lie one after the other at the end, into the order of their keys. Returns the
   * numbers of two whose keys are equal; `undefined` when there are none.
   */
  sort(entries: readonly Entry[]): readonly [number, number] | undefined {
    const { bytes } = this;
    const compare = (a: number, b: number): number => {
      const [x, y] = [entries[a]!, entries[b]!];
      return compareBytes(bytes, x.start, x.keyEnd, bytes, y.start, y.keyEnd);
    };
    const order = entries.map((_, number) => number).sort(compare);
    for (let i = 1; i < order.length; i++) {
      if (compare(order[i - 1]!, order[i]!) === 0) return [order[i - 1]!, order[i]!];
    }
    if (order.every((number, i) => number === i)) return undefined;
    const first = entries[0]!.start;
    const copy = bytes.slice(first, this.length);
    let at = first;
    for (const number of order) {
      const { start, end } = entries[number]!;
      bytes.set(copy.subarray(start - first, end - first), at);
      at += end - start;
    }
    return undefined;
  }

  /** Gives what was written; the bytes are the caller's. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    if (needed > KEY_BYTES_MAX) throw new ZspineError("ZSPINE_ENCODE", "the key has more than 2^30 bytes");
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}
