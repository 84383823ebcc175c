import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bigintOfBytes, bigintToBytes } from "../../src/serializer/bigint-bytes.ts";

describe("bigintToBytes() and bigintOfBytes()", () => {
  it("give back any bigint from 0 on, without leading zeros", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 600n }), (value) => {
        const bytes = bigintToBytes(value);
        expect(bigintOfBytes(bytes)).toBe(value);
        expect(value === 0n || bytes[0] !== 0).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it("take no bytes and leading zeros for what they say", () => {
    expect(bigintOfBytes(new Uint8Array(0))).toBe(0n);
    expect(bigintOfBytes(Uint8Array.of(0, 0, 1, 2))).toBe(258n);
  });
});
