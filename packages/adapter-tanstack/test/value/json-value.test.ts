import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeValue, encodeValue } from "../../src/value/json-value.ts";

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double().map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
);
const names = fc.oneof(fc.constantFrom("$", "__proto__", "constructor", ""), fc.string());
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(names, tie("value")), { maxLength: 4 })
      .map((fields) => Object.fromEntries(fields) as Record<string, unknown>),
  ),
}));

describe("values as text", () => {
  it("O5 decodeValue() gives back what encodeValue() was given", () => {
    fc.assert(
      fc.property(value, (given) => {
        const text = encodeValue(given);
        expect(decodeValue(text)).toEqual(given);
        expect(encodeValue(decodeValue(text))).toBe(text);
      }),
    );
  });

  it("O5 encodeValue() gives one text for fields in whatever order, and none for those that are undefined", () => {
    expect(encodeValue({ b: 1, a: { d: 2, c: undefined } })).toBe(encodeValue({ a: { d: 2 }, b: 1 }));
    expect(encodeValue([undefined])).toBe("[null]");
  });

  it.each([
    ["a function", { a: [() => 1] }, ["a", 0]],
    ["a symbol", { a: Symbol("x") }, ["a"]],
    ["a Map", new Map(), []],
    ["a date that is none", { when: new Date(NaN) }, ["when"]],
    ["an instance of a class", { of: new URLSearchParams() }, ["of"]],
  ])("O5 encodeValue() refuses %s with its path", (_what, given, path) => {
    expect(() => encodeValue(given)).toThrow(expect.objectContaining({ code: "ZSPINE_ENCODE", path }));
  });

  it("O5 encodeValue() refuses what lies within itself", () => {
    const given: Record<string, unknown> = {};
    given["self"] = given;
    expect(() => encodeValue(given)).toThrow(expect.objectContaining({ code: "ZSPINE_ENCODE" }));
  });
});
