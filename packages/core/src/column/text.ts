import type { BinaryBuilder } from "./binary-column.ts";

/**
 * Text as bytes: UTF-8, and for lone surrogates the three bytes that UTF-8 would give them if it allowed
 * them (WTF-8, Simon Sapin), so that every JavaScript string keeps its identity. Byte order is the order
 * of code points in every runtime.
 */

/** Writes `text` as row `row` of `column`. */
export function writeText(column: BinaryBuilder, row: number, text: string): void {
  const start = column.starts[row]!;
  column.reserveBytes(start, text.length * 3);
  const end = encodeText(text, column.bytes, start);
  column.starts[row + 1] = end;
}

/** Encodes `text` into `bytes` from `at`; there must be room for three bytes a unit. Returns the end. */
export function encodeText(text: string, bytes: Uint8Array, at: number): number {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const next = (unit & 0xfc00) === 0xd800 && i + 1 < length ? text.charCodeAt(i + 1) : 0;
      if ((next & 0xfc00) === 0xdc00) {
        i++;
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[at++] = 0x80 | (point & 0x3f);
      } else {
        bytes[at++] = 0xe0 | (unit >> 12);
        bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[at++] = 0x80 | (unit & 0x3f);
      }
    }
  }
  return at;
}

/** Keeps a byte order mark, which is a character of the text as any. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const UNITS_AT_ONCE = 4096;
const LONG = 64;
const SURROGATE_LEAD = 0xed;

/** Decodes `bytes[start, end)`, which {@link encodeText} wrote. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONG) {
    const part = bytes.subarray(start, end);
    // Only bytes that begin with this lead can be a lone surrogate, which TextDecoder would replace.
    if (!part.includes(SURROGATE_LEAD)) return UTF8.decode(part);
  }
  const units: number[] = [];
  let text = "";
  let i = start;
  while (i < end) {
    const byte = bytes[i++]!;
    if (byte < 0x80) {
      units.push(byte);
    } else if (byte < 0xe0) {
      units.push(((byte & 0x1f) << 6) | (bytes[i++]! & 0x3f));
    } else if (byte < 0xf0) {
      units.push(((byte & 0x0f) << 12) | ((bytes[i]! & 0x3f) << 6) | (bytes[i + 1]! & 0x3f));
      i += 2;
    } else {
      const point =
        (((byte & 0x07) << 18) |
          ((bytes[i]! & 0x3f) << 12) |
          ((bytes[i + 1]! & 0x3f) << 6) |
          (bytes[i + 2]! & 0x3f)) -
        0x10000;
      i += 3;
      units.push(0xd800 | (point >> 10), 0xdc00 | (point & 0x3ff));
    }
    if (units.length >= UNITS_AT_ONCE) {
      text += String.fromCharCode.apply(null, units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode.apply(null, units);
}

/** Makes a decoder of ranges of `bytes[from, to)` that decodes all of it once where it is ASCII. */
export function textReader(
  bytes: Uint8Array,
  from: number,
  to: number,
): (start: number, end: number) => string {
  for (let i = from; i < to; i++) {
    if (bytes[i]! >= 0x80) return (start, end) => decodeText(bytes, start, end);
  }
  // One call of the decoder for all rows: slicing its result is cheaper than a call for each.
  const text = UTF8.decode(bytes.subarray(from, to));
  return (start, end) => text.slice(start - from, end - from);
}
