import { layoutOf, type Schema } from "@zspine/core";
import { cbor } from "@zspine/serializer-cbor";
import { msgpack } from "@zspine/serializer-msgpack";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { parseSchemas } from "../../src/schema/schema-parser.ts";

const SEED = 62;

const leaf = fc.constantFrom<() => Schema>(
  () => z.int32(),
  () => z.uint32(),
  () => z.int(),
  () => z.number(),
  () => z.float32(),
  () => z.boolean(),
  () => z.date(),
  () => z.int64(),
  () => z.uint64(),
  () => z.string(),
  () => z.enum(["a", "b"]),
  () => z.literal(7),
  () => z.instanceof(Uint8Array),
  () => z.null(),
  () => z.undefined(),
);
const opaque = fc.constantFrom<() => Schema>(
  () => z.array(z.int32()),
  () => z.record(z.string(), z.number()),
  () => z.union([z.string(), z.number()]),
  () => z.any(),
  () => z.unknown(),
  () => z.map(z.string(), z.date()),
  () => z.set(z.string()),
  () => z.bigint(),
  () => z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
  () => z.lazy(() => z.string()),
  () => z.custom<string>(),
  () => z.instanceof(URL),
  () => z.tuple([z.string()], z.number()),
  () => z.looseObject({ a: z.string() }),
  () => z.literal(["a", 1]),
);
const name = fc.oneof(
  fc.string({ maxLength: 6, unit: "binary" }),
  fc.constantFrom("id", "7", "__proto__", "a b", '"', "\\", "{:,}", "->", "text?null"),
);
const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf.map((make) => make()),
    opaque.map((make) => make()),
    fc
      .uniqueArray(fc.tuple(name, tie("schema")), { maxLength: 4, selector: ([field]) => field })
      .map(objectOf),
    fc.array(tie("schema"), { maxLength: 3 }).map((items) => z.tuple(items as unknown as [])),
    tie("schema").map((inner) => z.nullable(inner)),
    tie("schema").map((inner) => z.optional(inner)),
  ),
}));

function objectOf(fields: readonly (readonly [string, Schema])[]): Schema {
  const shape: Record<string, Schema> = {};
  for (const [field, value] of fields) Object.defineProperty(shape, field, { value, enumerable: true });
  return z.object(shape);
}

it(`parseSchemas() gives schemas whose layout has the fingerprint that they were made of (seed ${SEED})`, () => {
  const serializers = [msgpack(), cbor()] as const;
  let opaqueParts = 0;
  fc.assert(
    fc.property(schema, schema, fc.nat({ max: 1 }), (key, value, which) => {
      const serializer = serializers[which]!;
      // A key without columns is refused, whoever made its schema.
      const keys = z.object({ id: z.int32(), more: key });
      const { fingerprint, kinds } = layoutOf(keys, value, { serializer });
      const parsed = parseSchemas(fingerprint);
      const again = layoutOf(parsed.key, parsed.value!, { serializer });
      expect(again.fingerprint).toBe(fingerprint);
      expect(again.kinds).toEqual(kinds);
      const named = fingerprint.includes("opaque(") ? parsed.serializers : [];
      for (const found of named) expect(found).toEqual({ name: serializer.name, id: serializer.id });
      opaqueParts += named.length;
    }),
    { numRuns: 1000, seed: SEED },
  );
  expect(opaqueParts).toBeGreaterThan(100);
});

it("parseSchemas() takes an item that is all key", () => {
  const { fingerprint } = layoutOf(z.object({ id: z.int32() }));
  const { key, value } = parseSchemas(fingerprint);
  expect(value).toBeUndefined();
  expect(layoutOf(key).fingerprint).toBe(fingerprint);
});

it("parseSchemas() takes what is written by hand, with spaces and names without quotes", () => {
  const { key, value } = parseSchemas(" int -> { customer : text , total: number ?null } ");
  expect(layoutOf(key, value!).fingerprint).toBe('int -> {"customer":text,"total":number?null}');
});

it.each([
  ["", "expected a type"],
  ["int", '" -> " between the key and the value'],
  ["int -> txt", "expected a type"],
  ["int -> {a:int", 'expected "," or "}" at character 14, found its end'],
  ["int -> {a:int,a:int}", "a name that is not there yet at character 15"],
  ["int -> {:int}", "the name of a field at character 9"],
  ["int -> [int", 'expected "," or "]"'],
  ["int -> int int", "expected nothing more"],
  ["int -> constructor", "expected a type"],
  ["int -> opaque(array)", 'expected "," at character 20'],
  ['int -> opaque(array,"msgpack")', 'expected "," at'],
  [`int -> ${"[".repeat(9000)}`, "at most 200 levels"],
  ["int -> ?", '"?null" or "?undefined"'],
])("parseSchemas() refuses %j with the place", (text, message) => {
  expect(() => parseSchemas(text)).toThrow(message);
});
