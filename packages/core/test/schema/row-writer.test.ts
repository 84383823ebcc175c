import { describe, expect, it } from "vitest";
import { z } from "zod";
import { IndexedZSet, layoutOf } from "../../src/index.ts";
import { rangeFinder } from "../../src/engine.ts";
import { BUILT_INS } from "../input/built-ins.ts";
import { jsonSerializer } from "./json-serializer.ts";

// What is an object of another kind is not taken for one of the schema, though it lacks only what may be absent.

const LOOSE = z.object({ a: z.int32().optional(), b: z.string().optional() });
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  "fields that may be absent": LOOSE,
  "no fields": z.object({}),
  "opaque fields": z.object({ a: z.any() }),
  "an opaque object": z.looseObject({}),
  "an object within": z.object({ within: LOOSE }),
};

class Settings {
  get a(): number {
    return 7;
  }
}

describe("an object of another kind is not one of the schema", () => {
  it.each(
    Object.entries(SCHEMAS).flatMap(([of, schema]) =>
      BUILT_INS.map(([what, found]) => [what, of, schema, found] as const),
    ),
  )("%s is refused for an object of %s", (_, of, schema, found) => {
    const value = of === "an object within" ? { within: found } : found;
    const path = of === "an object within" ? ["value", "within"] : ["value"];
    expect(() =>
      IndexedZSet.from(z.int32(), schema, [{ key: 1, value }], { serializer: jsonSerializer() }),
    ).toThrowError(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path }));
  });

  it.each([
    ["{}", {}, {}],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ["an object of a class", new Settings(), { a: 7 }],
    ["a Date with a field", Object.assign(new Date(0), { a: 2 }), { a: 2 }],
  ])("%s is one", (_, value, stored) => {
    expect([...IndexedZSet.from(z.int32(), LOOSE, [{ key: 1, value }])]).toEqual([
      { key: 1, value: stored, weight: 1 },
    ]);
  });

  it.each(BUILT_INS)("%s is no prefix of a key", (_, prefix) => {
    const layout = layoutOf(z.object({ a: z.int32(), b: z.string() }), z.int32());
    expect(() => rangeFinder(layout, { prefix })).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["range", "prefix"] }),
    );
  });
});
