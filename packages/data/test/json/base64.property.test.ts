import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../src/json/base64.ts";

describe("toBase64() and fromBase64()", () => {
  it("give back any bytes, as Node writes and reads them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        const text = toBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64"));
        expect(fromBase64(text)).toEqual(bytes);
      }),
      { seed: 6 },
    );
    const long = new Uint8Array(100_000).map((_, at) => at * 7);
    expect(fromBase64(toBase64(long))).toEqual(long);
  });

  it("refuse what is not base64 with padding, or has bits left over", () => {
    for (const text of ["A", "AA", "AAA", "A===", "====", "AA=A", "AB==", "AAB=", "A-_A", "AA\n=", "ÀAAA"])
      expect([text, fromBase64(text)]).toEqual([text, undefined]);
  });
});
