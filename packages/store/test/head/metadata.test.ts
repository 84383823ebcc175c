import { describe, expect, it } from "vitest";
import { copyMetadata, isMetadata } from "../../src/head/metadata.ts";

// Metadata is read as it was given, also after it has been written: what JSON would change is refused.

const SYMBOL = Symbol("s");
class Numbers extends Array<number> {}
class Money {
  readonly cents = 1;
}

describe("copyMetadata() refuses what JSON does not hold exactly, and says where", () => {
  const refused: readonly (readonly [string, unknown, readonly PropertyKey[]])[] = [
    ["a hole", Object.assign([1], { 2: 3 }), [1]],
    ["holes at the end", Object.assign([1], { length: 2 }), [1]],
    ["minus zero", -0, []],
    ["NaN", NaN, []],
    ["infinity", -Infinity, []],
    ["undefined", undefined, []],
    ["a bigint", 1n, []],
    ["a function", () => 0, []],
    ["a Date", new Date(0), []],
    ["a Map", new Map(), []],
    ["an instance of a class", new Money(), []],
    ["an array of a class", Numbers.of(1), []],
    ["an array with a name", Object.assign([1], { unit: "m" }), ["unit"]],
    ["an array with a symbol", Object.assign([1], { [SYMBOL]: 1 }), [SYMBOL]],
    ["an array with toJSON", Object.assign([1], { toJSON: () => [2] }), ["toJSON"]],
    ["an array with what is hidden", Object.defineProperty([1], "unit", { value: 1 }), ["unit"]],
    ["a symbol for a name", { [SYMBOL]: 1 }, [SYMBOL]],
    ["a property that is hidden", Object.defineProperty({}, "unit", { value: 1 }), ["unit"]],
    ["an object with toJSON", { toJSON: () => 1 }, ["toJSON"]],
  ];

  it.each(refused)("%s", (_, value, path) => {
    for (const [metadata, at] of [
      [{ m: value }, ["m"]],
      [{ m: [{ n: value }] }, ["m", 0, "n"]],
    ] as const)
      expect(() => copyMetadata(metadata)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["metadata", ...at, ...path] }),
      );
  });

  it("copies what JSON holds, so that it is read as it was given", () => {
    const metadata = {
      text: "é",
      "": [0, 1.5, -1e300, [], [[null]], { a: true }],
      ["__proto__"]: { b: 1 },
      none: Object.assign(Object.create(null) as object, { c: [] }),
    };
    const copy = copyMetadata(metadata);
    expect(JSON.parse(JSON.stringify(copy))).toEqual(JSON.parse(JSON.stringify(metadata)));
    expect(isMetadata(JSON.parse(JSON.stringify(copy)))).toBe(true);
    expect(Object.isFrozen(copy)).toBe(true);
  });

  it("reads each value once", () => {
    let reads = 0;
    const metadata = {
      get offset() {
        return ++reads;
      },
    };
    expect(copyMetadata(metadata)).toEqual({ offset: 1 });
  });
});

it("isMetadata() takes nothing that copyMetadata() refuses", () => {
  for (const json of ['{"a":-0}', '{"a":[1e999]}', "[]", "null", '"a"'])
    expect(isMetadata(JSON.parse(json))).toBe(false);
});
