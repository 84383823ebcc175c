import { describe, expect, it } from "vitest";
import { memory } from "../src/index.ts";
import { capabilities } from "./capabilities.ts";

const bytes = Uint8Array.of(1, 2, 3);

describe("memory()", () => {
  it("declares that it is volatile, exclusive, and reads at once", () => {
    expect(memory()).toMatchObject({
      type: "memory",
      capabilities,
    });
  });

  it("declares the sizes that it is given, and never prefers more than it takes", () => {
    const declared = memory({ maxValueBytes: 1000 }).capabilities;
    expect(declared).toMatchObject({ maxValueBytes: 1000, preferredValueBytes: 1000 });
    expect(memory({ preferredValueBytes: 512 }).capabilities.preferredValueBytes).toBe(512);
  });

  it.each([0, -1, 1.5, NaN, "1" as never])("refuses the size %s with ZSPINE_INVALID_OPTIONS", (size) => {
    const refusal = (option: string) =>
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["memory", option] });
    expect(() => memory({ maxValueBytes: size })).toThrowError(refusal("maxValueBytes"));
    expect(() => memory({ preferredValueBytes: size })).toThrowError(refusal("preferredValueBytes"));
  });

  it("shares nothing between two of its kind", async () => {
    const first = memory();
    const second = memory();
    await first.write([{ type: "put", name: "a", bytes }]);
    expect(await second.get("a")).toBeUndefined();
  });

  it("list() yields the names as they were when it began, whatever is written meanwhile", async () => {
    const backend = memory();
    for (const name of ["a", "b", "c"]) await backend.write([{ type: "put", name, bytes }]);
    const names: string[] = [];
    for await (const name of backend.list("")) {
      names.push(name);
      await backend.write([
        { type: "remove", name: "c" },
        { type: "put", name: "b2", bytes },
      ]);
    }
    expect(names).toEqual(["a", "b", "c"]);
  });

  it("readHead() keeps no more than the two newest heads", async () => {
    const backend = memory();
    for (const number of [1, 2, 3]) await backend.createHead(number, bytes, []);
    expect(await backend.readHead(1)).toBeUndefined();
    expect(await backend.readHead(2)).toEqual({ number: 2, bytes });
  });

  it("createHead() that conflicts leaves no orphans", async () => {
    const backend = memory();
    const lost = backend.createHead(2, bytes, [{ type: "put", name: "a", bytes }]);
    await expect(lost).rejects.toMatchObject({ code: "ZSPINE_CONFLICT", determinate: true });
    expect(await backend.get("a")).toBeUndefined();
  });

  it("get() gives plain bytes in a buffer of their own, also of what was put as a Buffer", async () => {
    const backend = memory();
    await backend.write([{ type: "put", name: "a", bytes: Buffer.from("text") }]);
    const found = await backend.get("a", { offset: 1, length: 2 });
    expect(found?.constructor).toBe(Uint8Array);
    expect(found?.buffer.byteLength).toBe(2);
  });
});
