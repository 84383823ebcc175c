import type { ZspineErrorCode } from "@zspine/core";
import { z } from "zod";
import { NUMBERS, type OpenedStore } from "../suite/store-fixture.ts";

// What is wrong with each call, in tables: what a store must refuse.

/** A wrong call, and what it is. */
export type Refusal = readonly [what: string, call: (opened: OpenedStore) => unknown];

export const INVALID = "ZSPINE_INVALID_OPTIONS";
// Wrong on purpose, whatever the type says.
export const wrong = (value: unknown): never => value as never;

export const ROW = { key: 2, value: "b" };

export const INSERTS: readonly Refusal[] = [
  ["insert() of another type of key", ({ trace }) => trace.insert(wrong("1"), "a")],
  ["insert() of a key out of range", ({ trace }) => trace.insert(2 ** 31, "a")],
  ["insert() of a key that is no integer", ({ trace }) => trace.insert(0.5, "a")],
  ["insert() of no key", ({ trace }) => trace.insert(wrong(undefined), "a")],
  ["insert() of NaN for an integer", ({ trace }) => trace.insert(NaN, "a")],
  ["insert() of another type of value", ({ trace }) => trace.insert(1, wrong(1))],
  ["insert() of null for a value", ({ trace }) => trace.insert(1, wrong(null))],
  ["insert() of a wrong row with weight 0", ({ trace }) => trace.insert(1, wrong(1), 0)],
  [
    "insertAll() with a wrong row at its end",
    ({ trace }) => trace.insertAll([ROW, { key: 3, value: wrong(3) }]),
  ],
  ["insertAll() of a row without value", ({ trace }) => trace.insertAll([ROW, wrong({ key: 3 })])],
  [
    "insertBatch() with columns of different lengths",
    ({ trace }) => trace.insertBatch({ key: [2, 3], value: ["b"] }),
  ],
  [
    "insertBatch() with too few weights",
    ({ trace }) => trace.insertBatch({ key: [2, 3], value: ["b", "c"], weight: [1] }),
  ],
  ["insertBatch() without a column", ({ trace }) => trace.insertBatch(wrong({ key: [2] }))],
  [
    "insertBatch() with a wrong cell at its end",
    ({ trace }) => trace.insertBatch({ key: [2, wrong("3")], value: ["b", "c"] }),
  ],
  [
    "insertBatch() with a hole",
    ({ trace }) => trace.insertBatch({ key: [2, 3], value: wrong(Object.assign([], { 0: "b", length: 2 })) }),
  ],
  [
    "insertBatch() with a column of a length below 0",
    ({ trace }) => trace.insertBatch(wrong({ key: { length: -1 }, value: { length: -1 } })),
  ],
  [
    "insertBatch() with a column of half a length",
    ({ trace }) => trace.insertBatch(wrong({ key: { 0: 2, length: 0.5 }, value: { 0: "b", length: 0.5 } })),
  ],
  [
    "insertBatch() with text for a column",
    ({ trace }) => trace.insertBatch(wrong({ key: "23", value: ["b", "c"] })),
  ],
];

export const WEIGHTS: readonly Refusal[] = [0.5, NaN, Infinity, 2 ** 53, "1", null, 1n].flatMap(
  (weight): Refusal[] => [
    [`insert() with weight ${String(weight)}`, ({ trace }) => trace.insert(1, "a", wrong(weight))],
    [
      `insertAll() with weight ${String(weight)}`,
      ({ trace }) => trace.insertAll([ROW, { ...ROW, weight: wrong(weight) }]),
    ],
    [
      `insertBatch() with weight ${String(weight)}`,
      ({ trace }) => trace.insertBatch({ key: [2, 3], value: ["b", "c"], weight: [1, wrong(weight)] }),
    ],
  ],
);

export const LOOK_UPS: readonly Refusal[] = [
  ["get() of another type of key", ({ trace }) => trace.get(wrong("1"))],
  ["has() of another type of key", ({ trace }) => trace.has(wrong(null))],
  ["weight() of another type of key", ({ trace }) => trace.weight(wrong("1"), "a")],
  ["weight() of another type of value", ({ trace }) => trace.weight(1, wrong(1))],
  ["getMany() with one wrong key", ({ trace }) => trace.getMany([1, wrong("2")])],
  ["getMany() with a hole", ({ trace }) => trace.getMany(wrong(Object.assign([], { 1: 1, length: 2 })))],
];

export const RANGES: readonly (readonly [what: string, range: unknown])[] = [
  ["a name that ranges do not have", { from: 1 }],
  ["a bound of another type", { gte: "1" }],
  ["a bound that is null", { lt: null }],
  ["a limit below 0", { limit: -1 }],
  ["half a limit", { limit: 0.5 }],
  ["a limit of NaN", { limit: NaN }],
  ["a limit that is text", { limit: "3" }],
  ["reverse that is no boolean", { reverse: 1 }],
  ["a prefix of an integer", { prefix: 1 }],
  ["null", null],
  ["text", "1"],
];

export const COMMITS: readonly (readonly [what: string, options: unknown])[] = [
  ["null", null],
  ["a name that commits do not have", { meta: {} }],
  ["another durability", { durability: "always" }],
  ["metadata that is a list", { metadata: [1] }],
  ["metadata that is null", { metadata: null }],
  ["metadata with a bigint", { metadata: { a: { b: 1n } } }],
  ["metadata with NaN", { metadata: { n: [NaN] } }],
  ["metadata with a Date", { metadata: { at: new Date(0) } }],
  ["metadata with undefined", { metadata: { a: undefined } }],
  ["metadata with a function", { metadata: { f: () => 1 } }],
  ["metadata with a cycle", { metadata: newCycle() }],
];

export const NAMES: readonly unknown[] = [
  "",
  "x".repeat(201),
  "a\nb",
  "a\0",
  "\ud800",
  7,
  null,
  undefined,
  {},
];

export const SCHEMAS: readonly (readonly [what: string, code: ZspineErrorCode, options: unknown])[] = [
  ["no value schema", INVALID, { key: z.int32() }],
  ["no key schema", INVALID, { value: z.int32() }],
  ["a schema that is none", INVALID, { key: "int", value: z.string() }],
  ["an option that traces do not have", INVALID, { ...NUMBERS, values: 1 }],
  ["a key without columns", INVALID, { key: z.object({}), value: z.string() }],
  ["null", INVALID, null],
  [
    "an array in a value",
    "ZSPINE_NOT_SUPPORTED",
    { key: z.int32(), value: z.object({ a: z.array(z.int()) }) },
  ],
  ["a bigint without bounds", "ZSPINE_NOT_SUPPORTED", { key: z.bigint(), value: z.string() }],
  ["a map", "ZSPINE_NOT_SUPPORTED", { key: z.int32(), value: z.map(z.string(), z.int()) }],
];

function newCycle(): unknown {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  return cycle;
}
