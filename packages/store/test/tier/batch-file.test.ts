import { describe, expect, it } from "vitest";
import { storedBytesOf } from "../../src/tier/batch-file.ts";
import { StoredFile } from "../../src/tier/stored-file.ts";

describe("storedBytesOf()", () => {
  it("counts the bytes of values, those that files share once", () => {
    const files = [new StoredFile(["a", "b"], [10, 5]), new StoredFile(["b", "c"], [5, 1])];
    expect(storedBytesOf(files)).toBe(16);
    expect(storedBytesOf([])).toBe(0);
  });
});
