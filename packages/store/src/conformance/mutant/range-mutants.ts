import { PART_ROWS } from "@zspine/core/engine";
import {
  collect,
  spoilRange,
  spoilRows,
  spoilTrace,
  type AnyRange,
  type AnyRow,
  type StoreMutantRecipe,
} from "./spoil.ts";

/** Rows out of order, out of range, or not at all. */
export const rangeMutants: readonly StoreMutantRecipe[] = [
  {
    name: "orders text by UTF-16 units",
    law: "text is in the order of its code points",
    spoil: sorting((a, b) =>
      typeof a === "string" && typeof b === "string" ? Number(a > b) - Number(a < b) : 0,
    ),
  },
  {
    name: "puts what is absent last",
    law: "absence comes first",
    spoil: sorting((a, b) => Number(a === null) - Number(b === null)),
  },
  {
    name: "orders numbers as text",
    law: "numbers are in numeric order",
    spoil: sorting((a, b) =>
      typeof a === "number" && typeof b === "number" ? Number(`${a}` > `${b}`) - Number(`${a}` < `${b}`) : 0,
    ),
  },
  {
    name: "leaves out the key of an inclusive bound",
    law: "gte includes its key",
    spoil: spoilRange(({ gte, ...range }) => (gte === undefined ? range : { gt: gte, ...range })),
  },
  {
    name: "gives the key of an exclusive bound",
    law: "lt excludes its key",
    spoil: spoilRange(({ lt, ...range }) => (lt === undefined ? range : { lte: lt, ...range })),
  },
  {
    name: "heeds only one of two lower bounds",
    law: "all bounds hold",
    spoil: spoilRange(({ gt, ...range }) =>
      gt === undefined || range.gte !== undefined ? range : { gt, ...range },
    ),
  },
  {
    name: "leaves out the first row in reverse",
    law: "reverse reads the same rows",
    spoil: spoilRows(async function* (rows, { reverse }) {
      let isFirst = reverse === true;
      for await (const row of rows) {
        if (!isFirst) yield row;
        isFirst = false;
      }
    }),
  },
  {
    name: "turns keys round in reverse, but not the values of a key",
    law: "reverse is the reverse of all rows",
    spoil: spoilRows(async function* (rows, { reverse }) {
      const all = await collect(rows);
      if (reverse === true)
        all.sort(
          (a, b) => Number(a.key === b.key) * (Number(`${a.value as string}` > `${b.value as string}`) - 0.5),
        );
      yield* all;
    }),
  },
  {
    name: "gives a row more than the limit",
    law: "limit is the most there may be",
    spoil: spoilRange((range) => (range.limit === undefined ? range : { ...range, limit: range.limit + 1 })),
  },
  {
    name: "applies the limit before it turns round",
    law: "limit counts from where the reading begins",
    spoil: spoilTrace((trace) => ({
      rows: (range: AnyRange = {}, options) => {
        if (range.reverse !== true || range.limit === undefined) return trace.rows(range, options);
        return {
          async *[Symbol.asyncIterator]() {
            yield* (await collect(trace.rows({ ...range, reverse: false }, options))).toReversed();
          },
        };
      },
    })),
  },
  {
    name: "ends a prefix of bytes before the last byte of 255",
    law: "a prefix finds all keys that begin with it",
    spoil: spoilRange((range) => {
      const { prefix } = range as { prefix?: unknown };
      return prefix instanceof Uint8Array && prefix.at(-1) === 255 ? { ...range, limit: 0 } : range;
    }),
  },
  {
    name: "looks for a prefix of text up to U+FFFF",
    law: "a prefix finds all keys that begin with it",
    spoil: spoilRange((range) => {
      const { prefix, ...others } = range as { prefix?: unknown };
      return typeof prefix === "string" ? { ...others, gte: prefix, lt: `${prefix}\uffff` } : range;
    }),
  },
  {
    name: "forgets other bounds beside a prefix",
    law: "all bounds hold",
    spoil: spoilRange((range) => {
      const { prefix } = range as { prefix?: unknown };
      return prefix === undefined ? range : ({ ...range, gt: undefined, lte: undefined } as AnyRange);
    }),
  },
  {
    name: "stops at the end of the first part",
    law: "a scan gives every row",
    spoil: spoilTrace((trace) => ({
      chunks: (range, options) => ({
        async *[Symbol.asyncIterator]() {
          let rows = 0;
          for await (const chunk of trace.chunks(range, options)) {
            yield chunk;
            rows += chunk.length;
            if (rows >= PART_ROWS) return;
          }
        },
      }),
    })),
  },
  {
    name: "reads the whole trace to count a range",
    law: "a range is found, not searched for",
    spoil: spoilTrace((trace) => ({
      count: async (range, options) => ({ ...(await trace.count(range, options)), rowsRead: trace.size }),
    })),
  },
];

function sorting(compare: (a: unknown, b: unknown) => number): StoreMutantRecipe["spoil"] {
  return spoilTrace((trace) => {
    const sorted = async (rows: AsyncIterable<AnyRow>, { reverse }: AnyRange): Promise<AnyRow[]> =>
      (await collect(rows)).sort((a, b) => compare(a.key, b.key) * (reverse === true ? -1 : 1));
    return {
      rows: (range = {}, options) => ({
        async *[Symbol.asyncIterator]() {
          yield* await sorted(trace.rows(range, options), range);
        },
      }),
      // In columns too, in which most is read: one chunk in the place of all.
      chunks: (range = {}, options) => ({
        async *[Symbol.asyncIterator]() {
          const rows = await sorted(trace.rows(range, options), range);
          yield { length: rows.length, rows: () => rows.values() } as never;
        },
      }),
    };
  });
}
