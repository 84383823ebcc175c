import { describe, expect, it } from "vitest";
import { deflate, isZspineError } from "../../src/index.ts";

const { compress, decompress } = deflate();
const refused = (message: RegExp) =>
  expect.objectContaining({ code: "ZSPINE_DECODE", message: expect.stringMatching(message) as string });
const text = new TextEncoder().encode("the same words again and again, the same words again and again");

describe("deflate()", () => {
  it.each([[{ level: 9 }], [5], [null]])("refuses %j, for it has no options", (options) => {
    const error = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" });
    expect(() => deflate(options as never)).toThrowError(error);
    expect(() => deflate(options as never)).toThrowError(/expected (?:none|an object of options)/);
  });

  it("has the name deflate and the id 1", () => {
    expect(deflate()).toMatchObject({ name: "deflate", id: 1 });
  });

  it("gives back what it was given, of any length", () => {
    for (const length of [0, 1, 2, 100, 65_535, 65_536, 200_000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * at) % 251);
      expect(decompress(compress(bytes), length)).toEqual(bytes);
    }
  });

  it("H11 compresses to the bytes that it always did", () => {
    const hex = Array.from(compress(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(hex).toBe("2bc94855284ecc4d5528cf2f4a2956484c4fcccc5348cc4b81b07414f0cb0300");
  });

  it("refuses with ZSPINE_DECODE another length than there is", () => {
    const compressed = compress(text);
    expect(() => decompress(compressed, text.length - 1)).toThrowError(refused(/more than 61/));
    expect(() => decompress(compressed, text.length + 1)).toThrowError(refused(/gave 62 bytes, and 63/));
    expect(() => decompress(compressed, 0)).toThrowError(refused(/more than 0/));
  });

  it("refuses with ZSPINE_DECODE a length that so few bytes cannot hold, or that is none", () => {
    for (const rawLength of [2 ** 40, 1032 * 10 + 1, -1, 1.5, NaN]) {
      expect(() => decompress(new Uint8Array(10), rawLength)).toThrowError(refused(/10 bytes cannot hold/));
    }
  });

  it("refuses with ZSPINE_DECODE every beginning of a stream", () => {
    const compressed = compress(text);
    for (let length = 0; length < compressed.length; length++) {
      expect(() => decompress(compressed.slice(0, length), text.length)).toThrowError(refused(/./));
    }
  });

  it("H5 refuses or decompresses every change of a byte, and gives no more than it was told", () => {
    const compressed = compress(text);
    const wrong: unknown[] = [];
    for (let at = 0; at < compressed.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = compressed.slice();
        changed[at] = byte;
        try {
          const { length } = decompress(changed, text.length);
          if (length !== text.length) wrong.push(`${length} bytes`);
        } catch (error) {
          if (!isZspineError(error, "ZSPINE_DECODE")) wrong.push(error);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("holds the most that a stream can hold in its length", () => {
    const zeros = new Uint8Array(2 ** 20);
    expect(decompress(compress(zeros), zeros.length)).toEqual(zeros);
  });
});
