import { describe, expect, it } from "vitest";
import { bitsFor, packBits, unpackBits, WIDTH_MAX } from "../../src/block/bit-packing.ts";
import { ByteReader } from "../../src/block/byte-reader.ts";
import { ByteWriter } from "../../src/block/byte-writer.ts";
import { chance } from "./samples.ts";

const widths = Array.from({ length: WIDTH_MAX + 1 }, (_, width) => width);

/** Numbers of at most `width` bits, the least and the greatest among them. */
function numbersOf(width: number, count: number): Float64Array {
  const range = 2 ** width;
  return Float64Array.from({ length: count }, (_, at) =>
    at === 1 ? range - 1 : at % 5 === 0 ? 0 : (chance(at) * 2 ** 21 + (chance(at + count) >>> 11)) % range,
  );
}

describe("unpackBits()", () => {
  it.each(widths)("gives back what packBits() was given in %i bits", (width) => {
    for (const count of [1, 2, 3, 31, 32, 33, 100]) {
      const values = numbersOf(width, count);
      const base = width < WIDTH_MAX ? -(2 ** 40) : 0;
      const writer = new ByteWriter(0, 3);
      packBits(
        writer,
        values.map((value) => value + base),
        0,
        base,
        width,
      );
      const bytes = writer.written().subarray(3);
      const expected =
        Math.ceil((count * Math.min(width, 32)) / 8) + Math.ceil((count * Math.max(0, width - 32)) / 8);
      expect(bytes.length).toBe(expected);
      const reader = new ByteReader(bytes, "packed bits");
      const unpacked = new Float64Array(count);
      unpackBits(reader, unpacked, 0, base, width);
      reader.end();
      expect(unpacked).toEqual(values.map((value) => value + base));
    }
  });

  it("throws ZSPINE_CORRUPT when the width is more than doubles can tell apart", () => {
    const reader = new ByteReader(new Uint8Array(99), "packed bits");
    const unpack = (): void => unpackBits(reader, new Float64Array(1), 0, 0, 54);
    expect(unpack).toThrow(expect.objectContaining({ code: "ZSPINE_CORRUPT" }));
  });
});

describe("bitsFor()", () => {
  it("counts the bits of the greatest number", () => {
    expect([0, 1, 2, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].map(bitsFor)).toEqual([
      0, 1, 2, 8, 9, 32, 33, 53,
    ]);
  });
});
