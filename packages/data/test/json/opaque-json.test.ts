import { isZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { opaqueFromJson, opaqueToJson } from "../../src/json/opaque-json.ts";
import { serializer } from "../sample/samples.ts";

function read(json: unknown): unknown {
  return opaqueFromJson(json, serializer, ["value"]);
}

describe("opaqueFromJson()", () => {
  it("O6 takes JSON of others as it is, tags that nobody knows included", () => {
    const json = { a: [1, "x", null, { $oid: "5" }], $where: 1, b: { $bigint: "1", more: 2 } };
    expect(read(json)).toEqual(json);
    expect(opaqueToJson(read(json), serializer)).toEqual({
      ...json,
      a: [1, "x", null, { $object: { $oid: "5" } }],
    });
  });

  it("refuses tags with something else in them, with the path", () => {
    const wrong: unknown[] = [
      { $undefined: 1 },
      { $number: "nan" },
      { $number: "0" },
      { $bigint: "1.5" },
      { $bigint: 1.5 },
      { $bigint: "9".repeat(1001) },
      { $date: "yesterday" },
      { $date: "2026-11-30" },
      { $date: "2026-11-30T00:00:00" },
      { $date: "2023-02-29T00:00:00Z" },
      { $date: "2024-04-31T12:00:00.000+02:00" },
      { $date: "+012024-02-30T00:00Z" },
      { $date: 8.64e15 + 1 },
      { $bytes: "a" },
      { $map: {} },
      { $map: [[1]] },
      { $set: 1 },
      { $object: { a: 1 } },
      { $encoded: "é" },
    ];
    for (const json of wrong)
      expect(() => read([json])).toThrow(
        expect.objectContaining({
          code: "ZSPINE_INVALID_OPTIONS",
          path: ["value", Object.keys(json as object)[0]],
        }),
      );
    expect(() => read({ $encoded: "wQ==" })).toThrow(expect.objectContaining({ code: "ZSPINE_DECODE" }));
  });

  it("reads times of every day that there is, whatever its zone and year", () => {
    for (const [text, same] of [
      ["2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"],
      ["2000-02-29T00:00Z", "2000-02-29T00:00:00.000Z"],
      ["-000001-12-31T00:00:00.000Z", "-000001-12-31T00:00:00.000Z"],
      ["+002024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
      ["+275760-09-13T00:00:00.000Z", "+275760-09-13T00:00:00.000Z"],
    ] as const)
      expect((read({ $date: text }) as Date).toISOString()).toBe(same);
  });

  it("refuses numbers that no double holds, which JSON has and JavaScript does not", () => {
    for (const text of ["1e400", "[-1e400]", '{"a":1e400}'])
      expect(() => read(JSON.parse(text))).toThrow(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["value"] }),
      );
    expect(read(JSON.parse("1e308"))).toBe(1e308);
  });

  it("refuses what lies too deep, and does not run out of stack", () => {
    let json: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) json = [json];
    let error: unknown;
    try {
      read(json);
    } catch (found) {
      error = found;
    }
    expect(isZspineError(error, "ZSPINE_INVALID_OPTIONS")).toBe(true);
  });

  it("sets no prototype", () => {
    const value = read(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });
});
