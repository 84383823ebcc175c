import { describe, expect, it } from "vitest";
import { newWriter, slotsOf } from "./written-batch.ts";

describe("BatchWriter", () => {
  it("numbers the values of a batch from 0, and gives each out once", () => {
    const writer = newWriter(100_000);
    const names: string[] = [];
    for (const slot of slotsOf(100_000)) {
      writer.push(slot);
      names.push(...writer.takeOps().map(({ name }) => name));
    }
    const { file } = writer.finish()!;
    names.push(...writer.takeOps().map(({ name }) => name));
    expect(names.length).toBeGreaterThan(4);
    expect(names).toEqual(names.map((_, at) => `batch/${file!.head.id}/${at}`));
    expect(file!.values.toSorted()).toEqual(names.toSorted());
    expect(writer.written).toEqual(names);
  });

  it("tells the bytes of what it has encoded and not given out", () => {
    const writer = newWriter(100_000);
    let given = 0;
    for (const slot of slotsOf(100_000)) {
      writer.push(slot);
      const before = writer.bytes;
      const taken = writer.takeOps().reduce((sum, op) => sum + (op.type === "put" ? op.bytes.length : 0), 0);
      expect(writer.bytes).toBe(before - taken);
      given += taken;
    }
    const { file } = writer.finish()!;
    expect(given + writer.bytes).toBe(file!.valueBytes.reduce((sum, bytes) => sum + bytes, 0));
  });
});
