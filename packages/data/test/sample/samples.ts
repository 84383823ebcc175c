import { msgpack } from "@zspine/serializer-msgpack";
import type { Schema } from "@zspine/core";
import fc from "fast-check";
import { z } from "zod";

/** A class that only the serializer knows. */
export class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
}

/** Encodes what has no columns, in all tests. */
export const serializer = msgpack({
  extensions: [
    {
      id: 7,
      class: Money,
      encode: ({ cents }: Money) => cents,
      decode: (cents) => new Money(cents as number),
    },
  ],
});

/** Values of one schema. */
export interface Sample {
  readonly name: string;
  readonly schema: Schema;
  readonly values: fc.Arbitrary<unknown>;
}

const units = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0, 10, 13, 34, 36, 92, 0x2028, 0xd800, 0xdc00, 0xfeff),
    ),
    { maxLength: 8 },
  )
  .map((list) => String.fromCharCode(...list));
const numbers = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 2 ** 53, 0.1));
const bytes = fc.uint8Array({ maxLength: 9 });
const dates = fc.date({ noInvalidDate: true, min: new Date(-8.64e15), max: new Date(8.64e15) });
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n, 0n),
);
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n),
);
const tags = fc.constantFrom(
  "$bigint",
  "$object",
  "$undefined",
  "$map",
  "$x",
  "__proto__",
  "constructor",
  "a",
);

/** Anything that a serializer holds. */
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(null, undefined, true, false),
    numbers,
    units,
    fc.bigInt(),
    dates,
    bytes,
    fc.integer({ min: -9, max: 9 }).map((cents) => new Money(cents)),
    fc.float32Array({ maxLength: 3 }),
    fc.array(tie("anything"), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.oneof(tags, units), tie("anything")), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries)),
    fc
      .array(fc.tuple(fc.oneof(units, fc.integer()), tie("anything")), { maxLength: 3 })
      .map((list) => new Map(list)),
    fc.array(fc.oneof(units, fc.integer()), { maxLength: 3 }).map((list) => new Set(list)),
  ),
}));

/** Every type that a column may have, and what is made of them. */
export const SAMPLES: readonly Sample[] = [
  { name: "int32", schema: z.int32(), values: fc.integer() },
  { name: "uint32", schema: z.uint32(), values: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
  { name: "int", schema: z.int(), values: fc.maxSafeInteger() },
  { name: "number", schema: z.number(), values: numbers },
  { name: "float32", schema: z.float32(), values: fc.oneof(fc.float(), fc.constantFrom(0.1, NaN, -0)) },
  { name: "boolean", schema: z.boolean(), values: fc.boolean() },
  { name: "date", schema: z.date(), values: dates },
  { name: "int64", schema: z.int64(), values: int64 },
  { name: "uint64", schema: z.uint64(), values: uint64 },
  { name: "text", schema: z.string(), values: units },
  { name: "enum", schema: z.enum(["b", "ü", "a"]), values: fc.constantFrom("b", "ü", "a") },
  { name: "literal", schema: z.literal([10, 9, -1]), values: fc.constantFrom(10, 9, -1) },
  { name: "bigint literal", schema: z.literal([1n, 2n ** 62n]), values: fc.constantFrom(1n, 2n ** 62n) },
  { name: "nan", schema: z.nan(), values: fc.constant(NaN) },
  { name: "bytes", schema: z.instanceof(Uint8Array), values: bytes },
  { name: "tuple", schema: z.tuple([z.int32(), z.string()]), values: fc.tuple(fc.integer(), units) },
  { name: "strict object", schema: z.strictObject({ b: z.int32() }), values: fc.record({ b: fc.integer() }) },
  { name: "nullable", schema: z.int64().nullable(), values: fc.option(int64) },
  { name: "optional", schema: z.string().optional(), values: fc.option(units, { nil: undefined }) },
  {
    name: "nullish",
    schema: z.number().nullish(),
    values: fc.oneof(numbers, fc.constantFrom(null, undefined)),
  },
  {
    name: "tuple of what may be absent",
    schema: z.tuple([
      z.string().nullish(),
      z.instanceof(Uint8Array).optional(),
      z.any(),
      z.any().optional(),
      z.any().nullable(),
      z.object({ $undefined: z.boolean() }).optional(),
      z.object({ $object: z.int32() }).nullish(),
      z.undefined(),
      z.null(),
    ]),
    values: fc.tuple(
      fc.oneof(units, fc.constantFrom(null, undefined)),
      fc.option(bytes, { nil: undefined }),
      anything,
      anything,
      anything,
      fc.option(fc.record({ $undefined: fc.boolean() }), { nil: undefined }),
      fc.oneof(fc.record({ $object: fc.integer() }), fc.constantFrom(null, undefined)),
      fc.constant(undefined),
      fc.constant(null),
    ),
  },
  {
    name: "nested",
    schema: z.object({
      at: z.tuple([z.number(), z.string().nullable(), z.tuple([z.date()])]),
      more: z
        .object({ id: z.int64(), deep: z.object({ bytes: z.instanceof(Uint8Array) }).nullish() })
        .nullable(),
      flag: z.boolean().optional(),
    }),
    values: fc.record(
      {
        at: fc.tuple(numbers, fc.option(units), fc.tuple(dates)),
        more: fc.option(
          fc.record(
            { id: int64, deep: fc.oneof(fc.record({ bytes }), fc.constantFrom(null, undefined)) },
            { requiredKeys: ["id"] },
          ),
        ),
        flag: fc.boolean(),
      },
      { requiredKeys: ["at", "more"] },
    ),
  },
  {
    name: "inherited names",
    schema: z.object({ ["__proto__"]: z.int32(), constructor: z.string().optional() }),
    values: fc
      .tuple(fc.integer(), fc.option(units, { nil: undefined }))
      .map(([number, text]) =>
        Object.fromEntries([["__proto__", number], ...(text === undefined ? [] : [["constructor", text]])]),
      ),
  },
  { name: "array", schema: z.array(z.int32()), values: fc.array(fc.integer(), { maxLength: 4 }) },
  {
    name: "record",
    schema: z.record(z.string(), z.any()),
    values: fc.dictionary(units, anything, { maxKeys: 3 }),
  },
  { name: "union", schema: z.union([z.int32(), z.string()]), values: fc.oneof(fc.integer(), units) },
  { name: "bigint", schema: z.bigint(), values: fc.bigInt() },
  { name: "class", schema: z.instanceof(Money), values: fc.integer().map((cents) => new Money(cents)) },
  {
    name: "map and set",
    schema: z.object({ map: z.map(z.string(), z.int32()), set: z.set(z.string()) }),
    values: fc.record({
      map: fc.array(fc.tuple(units, fc.integer()), { maxLength: 3 }).map((list) => new Map(list)),
      set: fc.array(units, { maxLength: 3 }).map((list) => new Set(list)),
    }),
  },
  { name: "any", schema: z.any(), values: anything },
];

/** Values of a trace that has only keys. */
export const NOTHING: Sample = { name: "nothing", schema: z.undefined(), values: fc.constant(undefined) };

/** Rows of a sample of keys and one of values. */
export interface SampleRow {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight: number;
}

/** Some rows of two samples. */
export function rowsOf(key: Sample, value: Sample): fc.Arbitrary<readonly SampleRow[]> {
  const weight = fc.oneof(
    fc.constant(1),
    fc.integer({ min: -3, max: 3 }).filter((some) => some !== 0),
    fc.constantFrom(2 ** 40, -(2 ** 40)),
  );
  return fc.array(fc.record({ key: key.values, value: value.values, weight }), { maxLength: 12 });
}
