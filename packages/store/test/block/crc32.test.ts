import CRC32 from "crc-32";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/block/crc32.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("crc32()", () => {
  it("C6 gives the known answers, the same on every machine", () => {
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms, and zlib's own.
    const answers: [string, number][] = [
      ["123456789", 0xcbf43926],
      ["", 0],
      ["a", 0xe8b7be43],
      ["The quick brown fox jumps over the lazy dog", 0x414fa339],
    ];
    for (const [text, answer] of answers) expect(crc32(ascii(text), 0, text.length)).toBe(answer);
    expect(crc32(new Uint8Array(32), 0, 32)).toBe(0x190a55ad);
    expect(crc32(new Uint8Array(32).fill(255), 0, 32)).toBe(0xff6cab0b);
  });

  it("gives what it gives where the runtime has none of its own", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 24);
    for (let to = 0; to < 5000; to += 61)
      expect(crc32(bytes, to >> 1, to, 7)).toBe(CRC32.buf(bytes.subarray(to >> 1, to), 7) >>> 0);
  });

  it("goes on from what came before", () => {
    const bytes = ascii("123456789");
    for (let at = 0; at <= 9; at++) expect(crc32(bytes, at, 9, crc32(bytes, 0, at))).toBe(0xcbf43926);
  });
});
