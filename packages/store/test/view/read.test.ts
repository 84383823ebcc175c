import { describe, expect, it } from "vitest";
import { WHOLE_RANGE } from "../../src/range/key-range.ts";
import { FIRST_READ_BYTES, READ_BYTES } from "../../src/tier/feed.ts";
import { CHUNK_ROWS, FIRST_ROWS } from "../../src/view/chunk-reader.ts";
import { feedOf } from "../../src/view/read.ts";
import { owner } from "../tier/written-batch.ts";

describe("feedOf()", () => {
  it("reads little at first where a loop may stop early, and much where it goes on", () => {
    const bytesOf = (limit: number, firstRows: number): number =>
      feedOf(owner, { ...WHOLE_RANGE, limit }, firstRows).bytes;
    expect(bytesOf(Infinity, CHUNK_ROWS)).toBe(READ_BYTES);
    expect(bytesOf(Infinity, FIRST_ROWS)).toBe(FIRST_READ_BYTES);
    expect(bytesOf(10, CHUNK_ROWS)).toBe(FIRST_READ_BYTES);
  });
});
