import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/block/byte-writer.ts";

describe("ByteWriter", () => {
  it("keeps what it grows for, at every place where it may grow", () => {
    for (let before = 0; before < 130; before++) {
      const writer = new ByteWriter(16);
      for (let at = 0; at < before; at++) writer.byte(at & 255);
      writer.byte(7);
      writer.uint32(0x01020304);
      writer.float64(1.5);
      writer.raw(Uint8Array.of(8, 9));
      const written = writer.written();
      const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
      expect([...written.subarray(0, before)]).toEqual(Array.from({ length: before }, (_, at) => at & 255));
      expect(written[before]).toBe(7);
      expect(view.getUint32(before + 1, true)).toBe(0x01020304);
      expect(view.getFloat64(before + 5, true)).toBe(1.5);
      expect([...written.subarray(before + 13)]).toEqual([8, 9]);
    }
  });
});
