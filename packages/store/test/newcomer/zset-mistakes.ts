import { IndexedZSet, join, semijoin, ZSet } from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import { z } from "zod";
import { wrong, type Mistake } from "./mistake.ts";

export const ZSETS: readonly Mistake[] = [
  [
    "a misspelt weight of an item",
    () => ZSet.from(z.int32(), wrong([{ item: 1, wieght: 2 }])),
    ["rows", 0, "wieght"],
    'did you mean "weight"?',
  ],
  ["a key for an item", () => ZSet.from(z.int32(), wrong([{ key: 1 }])), ["rows", 0, "key"], '"item"'],
  [
    "a misspelt weight of a pair",
    () => IndexedZSet.from(z.int32(), z.int32(), wrong([{ key: 1, value: 1, weigth: 2 }])),
    ["rows", 0, "weigth"],
    'did you mean "weight"?',
  ],
  [
    "one row",
    () => IndexedZSet.from(z.int32(), z.int32(), wrong({ key: 1, value: 1 })),
    ["rows"],
    "pass [row]",
  ],
  [
    "misspelt weights of items",
    () => ZSet.fromColumns(z.int32(), wrong({ item: [1], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
  ],
  [
    "misspelt weights of pairs",
    () => IndexedZSet.fromColumns(z.int32(), z.int32(), wrong({ key: [1], value: [1], weights: [2] })),
    ["columns", "weights"],
    'did you mean "weight"?',
  ],
  [
    "an option that is none",
    () => ZSet.from(z.int32(), [], wrong({ serialiser: msgpack() })),
    ["options", "serialiser"],
    'did you mean "serializer"?',
  ],
  [
    "a serializer that was not called",
    () => ZSet.from(z.int32(), [], { serializer: wrong(msgpack) }),
    ["options", "serializer"],
    "serializer: msgpack()",
  ],
  [
    "an option of an operator",
    () => {
      const a = IndexedZSet.empty(z.int32(), z.int32());
      return join(
        a,
        a,
        z.int32(),
        wrong(() => 1),
        wrong({ serialzer: 1 }),
      );
    },
    ["options", "serialzer"],
    'did you mean "serializer"?',
  ],
  [
    "keys in an array",
    () => semijoin(IndexedZSet.empty(z.int32(), z.int32()), wrong([1])),
    ["semijoin"],
    "ZSet.from(schema, rows)",
  ],
  [
    "a column too many in a strict object",
    () => ZSet.fromColumns(z.strictObject({ a: z.int32() }), wrong({ item: { a: [1], b: [2] } })),
    ["item", "b"],
    "strict",
  ],
  [
    "a column too many in a tuple",
    () => ZSet.fromColumns(z.tuple([z.int32()]), wrong({ item: [[1], [2]] })),
    ["item"],
    "an array of 1 columns",
  ],
];
