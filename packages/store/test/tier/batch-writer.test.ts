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
});
