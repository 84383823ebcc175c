import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isPlainKey,
  isPlainText,
  isPlainUtf8,
  textOfBytes,
  textToBytes,
} from "../../src/serializer/plain-text.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Bytes that are no UTF-8 are replaced, and do not come back. */
function isUtf8(bytes: Uint8Array): boolean {
  const again = encoder.encode(decoder.decode(bytes));
  return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]);
}

const startsWithMark = ([a, b, c]: Uint8Array) => a === 0xef && b === 0xbb && c === 0xbf;

describe("isPlainUtf8()", () => {
  it("agrees with TextDecoder for all bytes by two", () => {
    const wrong: Uint8Array[] = [];
    for (let pair = 0; pair < 65_536; pair++) {
      const bytes = Uint8Array.of(pair >> 8, pair & 0xff);
      if (isPlainUtf8(bytes, 0, 2) !== isUtf8(bytes)) wrong.push(bytes);
    }
    expect(wrong).toEqual([]);
  });

  it("agrees with TextDecoder at the borders of three and four bytes", () => {
    const borders = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0, 0xc2, 0xef, 0xff];
    const wrong: Uint8Array[] = [];
    for (let lead = 0xc0; lead <= 0xff; lead++) {
      for (const a of borders) {
        for (const b of borders) {
          for (const c of borders) {
            const bytes = Uint8Array.of(lead, a, b, c);
            if (isPlainUtf8(bytes, 0, 4) !== (isUtf8(bytes) && !startsWithMark(bytes))) wrong.push(bytes);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("looks at nothing beyond its end", () => {
    const bytes = new TextEncoder().encode("aé漢😀");
    const ends = Array.from({ length: bytes.length + 1 }, (_, end) => end);
    expect(ends.filter((end) => isPlainUtf8(bytes, 0, end))).toEqual([0, 1, 3, 6, 10]);
    expect(isPlainUtf8(Uint8Array.of(0xef, 0xbb, 0xbf), 0, 2)).toBe(false);
  });
});

describe("isPlainText() and isPlainKey()", () => {
  it("refuse lone surrogates and a byte order mark at the beginning, and __proto__ as a key", () => {
    for (const text of ["\ud800", "a\udc00", "\udc00\ud800", "\ufeff", "\ufeffa"]) {
      expect([isPlainText(text), isPlainKey(text)]).toEqual([false, false]);
    }
    for (const text of ["", "a", "😀", "a\ufeff", "constructor", "__proto"]) {
      expect([isPlainText(text), isPlainKey(text)]).toEqual([true, true]);
    }
    expect([isPlainText("__proto__"), isPlainKey("__proto__")]).toEqual([true, false]);
  });
});

describe("textToBytes() and textOfBytes()", () => {
  it("give back any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
        expect(textOfBytes(textToBytes(text))).toBe(text);
      }),
      { seed: 1 },
    );
  });

  it("refuse bytes of no text, and bytes that would be written otherwise", () => {
    const wrong = [
      [0x80],
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    ];
    for (const bytes of wrong) expect(textOfBytes(Uint8Array.from(bytes))).toBeUndefined();
  });
});
