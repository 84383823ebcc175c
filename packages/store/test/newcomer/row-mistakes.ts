import { z } from "zod";
import type { Store } from "../../src/index.ts";
import { wrong, type Mistake } from "./mistake.ts";

export const ROWS: readonly Mistake[] = [
  [
    "a misspelt weight",
    ({ trace }) =>
      trace.insertAll(
        wrong([
          { key: 1, value: "a" },
          { key: 2, value: "b", wieght: -1 },
        ]),
      ),
    ["rows", 1, "wieght"],
    'did you mean "weight"?',
    "nothing was applied",
  ],
  ["a key to read that is none", ({ trace }) => trace.get(wrong("x")), ["key"], "; nothing was done"],
  [
    "a bound to read from that is none",
    ({ trace }) => trace.count({ gte: wrong("x") }),
    ["range", "gte", "key"],
    "; nothing was done",
  ],
  [
    "a misspelt weight of a key",
    ({ keys }) => keys.insertAll(wrong([{ key: 1, wieght: -1 }])),
    ["rows", 0, "wieght"],
    'did you mean "weight"?',
  ],
  [
    "one row",
    ({ trace }) => trace.insertAll(wrong({ key: 1, value: "a" })),
    ["insertAll"],
    "pass [row]",
    "insert(key, value, weight)",
  ],
  [
    "rows that come later",
    ({ trace }) => trace.insertAll(wrong((async function* () {})())),
    ["insertAll"],
    "for await",
  ],
  ["no row", ({ trace }) => trace.insertAll(wrong([null])), ["rows", 0], "{ key, value }", "null"],
  [
    "a pair",
    ({ trace }) => trace.insertAll(wrong([[1, "a"]])),
    ["rows", 0],
    "{ key, value }",
    "an array of 2",
  ],
  [
    "misspelt weights",
    ({ trace }) => trace.insertBatch(wrong({ key: [1], value: ["a"], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
    "nothing was applied",
  ],
  [
    "rows for columns",
    ({ trace }) => trace.insertBatch(wrong([{ key: 1, value: "a" }])),
    ["columns"],
    "insertAll(rows)",
  ],
  [
    "nothing for columns",
    ({ trace }) => trace.insertBatch(wrong(null)),
    ["columns"],
    "{ key, value, weight }",
  ],
  [
    "a number for weights",
    ({ trace }) => trace.insertBatch(wrong({ key: [1], value: ["a"], weight: 1 })),
    ["weight"],
    "an array of values",
  ],
  ["keys that are none", ({ trace }) => trace.getMany(wrong(7)), ["getMany"], "get(key)", "iterable"],
  ["text for keys", ({ trace }) => trace.snapshot().getMany(wrong("12")), ["getMany"], "iterable"],
  ["load() of one key", ({ trace }) => trace.snapshot().load(wrong(7)), ["load"], "pass [key]"],
  ["since() of no snapshot", ({ trace }) => trace.snapshot().since(wrong({})), ["since"], "trace.snapshot()"],
  [
    "semijoin() of an array",
    ({ trace }) => trace.snapshot().semijoin(wrong([1])),
    ["semijoin"],
    "ZSet.from(schema, rows)",
  ],
];

export const SCHEMA_INPUT: readonly Mistake[] = [
  [
    "what coercion would take",
    ({ store }) => insertInto(store, z.coerce.number(), "5"),
    ["value"],
    "not run on insert",
    "schema.parse(…)",
    '"5"',
  ],
  [
    "what a default would fill in",
    ({ store }) => insertInto(store, z.object({ n: z.number().default(1) }), {}),
    ["value", "n"],
    "defaults",
    "not run on insert",
  ],
  [
    "what a transform would take",
    ({ store }) => insertInto(store, z.string().transform(Number).pipe(z.number()), "5"),
    ["value"],
    "transforms",
    "not run on insert",
  ],
];

async function insertInto(store: Store, schema: z.ZodType, value: unknown): Promise<void> {
  (await store.trace("input", { key: z.int32(), value: schema })).insert(1, value);
}
