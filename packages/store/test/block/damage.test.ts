import { describe, expect, it } from "vitest";
import { blocks, filters, indexes, isRefused, randomDamage, TARGETS } from "./damaged-bytes.ts";

describe("decodeBlock(), decodeIndex(), decodeFilter()", () => {
  it.each(TARGETS)("C7 refuse bytes when any one bit of them is flipped: $name", (target) => {
    const { bytes } = target;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      if (!isRefused(target, bytes)) throw new Error(`bit ${bit} of ${target.name} was flipped unnoticed`);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(isRefused(target, bytes)).toBe(false);
  });

  it.each(TARGETS)("refuse bytes that end early or go on: $name", (target) => {
    const { bytes } = target;
    for (let end = 0; end < bytes.length; end++) {
      if (!isRefused(target, bytes.subarray(0, end))) throw new Error(`the first ${end} bytes were accepted`);
    }
    expect(isRefused(target, Uint8Array.from([...bytes, 0]))).toBe(true);
  });

  it("refuse each other's bytes", () => {
    for (const target of [blocks[0]!, indexes[0]!, filters[0]!]) {
      for (const other of [blocks[0]!, indexes[0]!, filters[0]!]) {
        expect(isRefused(target, other.bytes)).toBe(target !== other);
      }
    }
  });

  randomDamage(10_000);
});
