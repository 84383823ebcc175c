import { describe, expect, it } from "vitest";
import { partOfValue } from "../../src/index.ts";

const bytes = Uint8Array.of(1, 2, 3);

describe("partOfValue()", () => {
  it.each([
    [{ offset: 0, length: 3 }, [1, 2, 3]],
    [{ offset: 1, length: 1 }, [2]],
    [{ offset: 3, length: 0 }, []],
    [undefined, [1, 2, 3]],
  ])("gives of the range %o a view of the value", (range, expected) => {
    const part = partOfValue("a", bytes, range);
    expect([...part]).toEqual(expected);
    expect(part.buffer).toBe(bytes.buffer);
  });

  it.each([
    { offset: 0, length: 4 },
    { offset: 2, length: 2 },
    { offset: 4, length: 0 },
  ])("refuses a range that ends behind the value: %o", (range) => {
    const message = `value "a" has 3 bytes, where 4 were to be there; restore it from a backup`;
    expect(() => partOfValue("a", bytes, range)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_CORRUPT", determinate: true, message }),
    );
  });
});
