import { canonicalText } from "@zspine/conformance";
import type { Schema } from "@zspine/core";
import { z } from "zod";

/** Values of one schema, distinct, in the order in which a store must keep them. */
export interface ColumnSample {
  readonly name: string;
  readonly schema: Schema;
  /** Ascending: written down, not computed, so that the order is what the documents say. */
  readonly values: readonly unknown[];
}

const TEXTS = [
  "",
  "\0",
  "\0\0",
  "a",
  "a\0",
  "aa",
  "b",
  "user-1",
  "user-10",
  "user-2",
  `${"x".repeat(100)}a`,
  `${"x".repeat(100)}b`,
  "é",
  "\u07ff",
  "\ud7ff",
  // Halves of characters on their own stand where their code points do.
  "\ud800",
  "\udc00",
  "\ue000",
  "\ufffd",
  "\uffff",
  // Above U+FFFF by code points, though its first unit is below U+E000.
  "😀",
  "\u{10ffff}",
];

const BYTES = [
  [],
  [0],
  [0, 0],
  [0, 255],
  [1],
  [97, 98],
  [127],
  [128],
  [255],
  [255, 0],
  [255, 255],
  [255, 255, 255, 255, 255, 255, 255],
];

const NUMBERS_WITH_ENDS = [
  -Infinity,
  -Number.MAX_VALUE,
  -1.5,
  -1,
  -Number.MIN_VALUE,
  0,
  Number.MIN_VALUE,
  0.1,
  1,
  1 + Number.EPSILON,
  2 ** 53,
  Number.MAX_VALUE,
  Infinity,
  NaN,
];

const FLOAT32_MAX = 3.4028234663852886e38;

const INT64 = [
  -(2n ** 63n),
  1n - 2n ** 63n,
  -(2n ** 53n) - 1n,
  -(2n ** 53n),
  -1n,
  0n,
  1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 53n + 2n,
  2n ** 62n + 1n,
  2n ** 63n - 2n,
  2n ** 63n - 1n,
];

const UINT64 = [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n];

/** A sample of every type that has columns. */
export const COLUMN_SAMPLES: readonly ColumnSample[] = [
  { name: "int32", schema: z.int32(), values: [-2147483648, -256, -1, 0, 1, 2, 255, 256, 2147483647] },
  { name: "uint32", schema: z.uint32(), values: [0, 1, 255, 65536, 2147483647, 2147483648, 4294967295] },
  {
    name: "int",
    schema: z.int(),
    values: [Number.MIN_SAFE_INTEGER, -(2 ** 40), -1, 0, 1, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER],
  },
  { name: "number", schema: z.number(), values: NUMBERS_WITH_ENDS },
  {
    name: "float32",
    schema: z.float32(),
    values: [-Infinity, -FLOAT32_MAX, -0.1, 0, 1.401298464324817e-45, 0.1, 1, FLOAT32_MAX, Infinity, NaN],
  },
  { name: "boolean", schema: z.boolean(), values: [false, true] },
  {
    name: "date",
    schema: z.date(),
    values: [-8.64e15, -1, 0, 1, 1_763_820_000_000, 8.64e15].map((time) => new Date(time)),
  },
  { name: "int64", schema: z.int64(), values: INT64 },
  { name: "uint64", schema: z.uint64(), values: UINT64 },
  { name: "text", schema: z.string(), values: TEXTS },
  { name: "enum", schema: z.enum(["b", "ü", "a", "aa"]), values: ["a", "aa", "b", "ü"] },
  { name: "literal", schema: z.literal([10, 9, -1]), values: [-1, 9, 10] },
  {
    name: "bytes",
    schema: z.instanceof(Uint8Array),
    values: BYTES.map((bytes) => Uint8Array.from(bytes)),
  },
  {
    name: "tuple",
    schema: z.tuple([z.int32(), z.string()]),
    values: [
      [-1, ""],
      [-1, "b"],
      [0, ""],
      [0, "a"],
      [0, "aa"],
      [0, "b"],
      [1, ""],
    ],
  },
  {
    name: "object",
    schema: z.object({ b: z.int32(), a: z.boolean() }),
    values: [
      { b: -1, a: true },
      { b: 0, a: false },
      { a: true, b: 0 },
      { b: 1, a: false },
    ],
  },
  { name: "nullable", schema: z.int32().nullable(), values: [null, -1, 0, 1] },
  { name: "optional", schema: z.string().optional(), values: [undefined, "", "\0", "a"] },
  { name: "nullish", schema: z.boolean().nullish(), values: [undefined, null, false, true] },
  {
    name: "nested",
    schema: z.object({
      at: z.tuple([z.number(), z.string().nullable()]),
      more: z.object({ id: z.int64() }).nullable(),
      flag: z.boolean().optional(),
    }),
    values: [
      { at: [-0.5, null], more: { id: 1n } },
      { at: [0, null], more: null },
      { at: [0, null], more: null, flag: false },
      { at: [0, null], more: { id: -1n }, flag: true },
      { at: [0, ""], more: null },
      { at: [0, "a"], more: { id: 0n }, flag: true },
      { at: [Infinity, "a"], more: null },
    ],
  },
  {
    name: "object with inherited names",
    schema: z.object({ ["__proto__"]: z.int32(), constructor: z.string() }),
    values: [
      { ["__proto__"]: -1, constructor: "b" },
      { ["__proto__"]: 0, constructor: "" },
      { ["__proto__"]: 0, constructor: "a" },
    ],
  },
];

/** Values that are nothing: a trace that has only keys. */
export const NOTHING_SAMPLE: ColumnSample = { name: "nothing", schema: z.undefined(), values: [undefined] };

/** Gives the order that a sample writes down, for values that are in it. */
export function orderOf({ values }: ColumnSample): (a: unknown, b: unknown) => number {
  const ranks = new Map(values.map((value, rank) => [canonicalText(value), rank]));
  const rankOf = (value: unknown): number => ranks.get(canonicalText(value)) ?? NaN;
  return (a, b) => rankOf(a) - rankOf(b);
}
