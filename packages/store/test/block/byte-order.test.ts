import { describe, expect, it } from "vitest";
import { swapToLittle } from "../../src/block/byte-order.ts";

const bytes = (): Uint8Array => Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);

describe("swapToLittle()", () => {
  it("leaves words as they are when the machine is little-endian", () => {
    const words = bytes();
    swapToLittle(words, 4, true);
    expect(words).toEqual(bytes());
  });

  it("turns the bytes of every word round when the machine is big-endian", () => {
    const words = bytes();
    swapToLittle(words, 4, false);
    expect([...words]).toEqual([3, 2, 1, 0, 7, 6, 5, 4]);
    swapToLittle(words, 4, false);
    swapToLittle(words, 8, false);
    expect([...words]).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });
});
