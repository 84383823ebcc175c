import { describe, expect, it } from "vitest";
import { isTypedArrayCode, typedArrayOf, typedArrayParts } from "../../src/serializer/typed-array.ts";

describe("typedArrayParts()", () => {
  it("gives the bytes themselves, except where −0 or another NaN must be changed", () => {
    const plain = new Float64Array([1, NaN, 2]).subarray(0, 1);
    expect(typedArrayParts(plain)?.bytes.buffer).toBe(plain.buffer);
    const odd = new Float32Array([-0, 1]);
    expect(typedArrayParts(odd)?.bytes).toEqual(new Uint8Array(new Float32Array([0, 1]).buffer));
    expect(Object.is(odd[0], -0)).toBe(true);
  });

  it("knows no views of other types, also when they say that they are of one", () => {
    expect(typedArrayParts(new DataView(new ArrayBuffer(8)))).toBeUndefined();
    expect(typedArrayParts(new Uint8Array(1))).toBeUndefined();
  });
});

describe("typedArrayOf()", () => {
  it("gives back each type, in a buffer of its own", () => {
    for (let code = -16; code >= -25; code--) {
      expect(isTypedArrayCode(code)).toBe(true);
      const larger = Uint8Array.from({ length: 24 }, (_, at) => at % 7);
      const view = typedArrayOf(code, larger.subarray(4, 20));
      expect(view?.byteLength).toBe(16);
      expect(view?.buffer).not.toBe(larger.buffer);
      expect(view && typedArrayParts(view)).toEqual({ code, bytes: larger.slice(4, 20) });
    }
    expect([-15, -26, 16].map(isTypedArrayCode)).toEqual([false, false, false]);
  });

  it("gives nothing of bytes that end within an element", () => {
    expect(typedArrayOf(-23, new Uint8Array(9))).toBeUndefined();
  });
});
