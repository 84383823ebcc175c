import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock } from "../../src/block/block.ts";
import { IDENTITY, kindsOf, RUN_LENGTHS, SAMPLES } from "./samples.ts";

describe("decodeBlock() of a Buffer, as some backends give", () => {
  it.each(SAMPLES)("gives plain arrays of its own: $name", ({ part }) => {
    const buffer = Buffer.from(encodeBlock(part, IDENTITY));
    const decoded = decodeBlock(buffer, kindsOf(part), IDENTITY, "a block", [RUN_LENGTHS]);
    buffer.fill(0xaa);
    expect(decoded.columns).toEqual(part.columns);
    for (const column of decoded.columns)
      if (column.kind === "binary") expect(column.bytes.constructor).toBe(Uint8Array);
  });
});
