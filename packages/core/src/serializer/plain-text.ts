import { decodeText, encodeText } from "../column/text.ts";

/** The method of ECMAScript 2024; all runtimes of the project have it. */
interface WellFormedText {
  isWellFormed(): boolean;
}

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Tells whether libraries may be trusted with a text: it has no lone surrogates, which UTF-8 cannot hold, and
 * does not begin with a byte order mark, which a `TextDecoder` drops.
 */
export function isPlainText(text: string): boolean {
  return (text as unknown as WellFormedText).isWellFormed() && text.charCodeAt(0) !== BYTE_ORDER_MARK;
}

/** Tells whether a key can be a property that a library writes and sets. */
export function isPlainKey(key: string): boolean {
  return isPlainText(key) && key !== "__proto__";
}

/** Gives the bytes of any text: UTF-8, and for lone surrogates what UTF-8 would give them (WTF-8). */
export function textToBytes(text: string): Uint8Array {
  const room = new Uint8Array(text.length * 3);
  return room.slice(0, encodeText(text, room, 0));
}

/** Gives the text that {@link textToBytes} gave `bytes` of; `undefined` when it gave them of none. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  const text = decodeText(bytes, 0, bytes.length);
  const again = textToBytes(text);
  return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]) ? text : undefined;
}

/** Tells whether `bytes[start, end)` is UTF-8 (RFC 3629) and {@link isPlainText plain}. */
export function isPlainUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf && start + 3 <= end) {
    return false;
  }
  for (let i = start; i < end;) {
    const lead = bytes[i++]!;
    if (lead < 0x80) continue;
    const count = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (count === 0 || i + count > end) return false;
    // The second byte is where forms that are too long, surrogates, and what is beyond U+10FFFF show.
    const second = bytes[i]!;
    const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (let at = 1; at < count; at++) if ((bytes[i + at]! & 0xc0) !== 0x80) return false;
    i += count;
  }
  return true;
}
