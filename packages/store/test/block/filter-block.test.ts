import { describe, expect, it } from "vitest";
import { buildFilter, mayContain } from "@zspine/core/engine";
import { decodeFilter, encodeFilter } from "../../src/block/filter-block.ts";
import { chance, IDENTITY } from "./samples.ts";

const WHERE = "the filter of block 3";
const hashes = Uint32Array.from({ length: 1000 }, (_, row) => chance(row));

describe("decodeFilter()", () => {
  it("gives back what encodeFilter() was given", () => {
    for (const filter of [buildFilter(hashes), buildFilter(new Uint32Array(0))]) {
      expect(decodeFilter(encodeFilter(filter, IDENTITY), IDENTITY, WHERE)).toEqual(filter);
    }
    const decoded = decodeFilter(encodeFilter(buildFilter(hashes), IDENTITY), IDENTITY, WHERE);
    for (const hash of hashes) expect(mayContain(decoded, hash)).toBe(true);
  });

  it("reads bytes that begin anywhere in their memory, and keeps nothing of them", () => {
    const filter = buildFilter(hashes);
    const bytes = encodeFilter(filter, IDENTITY);
    const memory = new Uint8Array(bytes.length + 5);
    memory.set(bytes, 5);
    const decoded = decodeFilter(memory.subarray(5), IDENTITY, WHERE);
    memory.fill(0);
    expect(decoded).toEqual(filter);
  });

  it("throws ZSPINE_CORRUPT when it is given another filter", () => {
    const bytes = encodeFilter(buildFilter(hashes), IDENTITY);
    const read = (): unknown => decodeFilter(bytes, { ...IDENTITY, number: 4 }, WHERE);
    expect(read).toThrow(expect.objectContaining({ code: "ZSPINE_CORRUPT" }));
    expect(read).toThrow(WHERE);
  });
});

describe("encodeFilter()", () => {
  it("refuses words that are no whole blocks", () => {
    for (const words of [0, 1, 15, 17]) {
      expect(() => encodeFilter({ words: new Uint32Array(words) }, IDENTITY)).toThrow(RangeError);
    }
  });
});
