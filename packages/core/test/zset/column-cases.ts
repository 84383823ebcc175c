import fc from "fast-check";
import { z } from "zod";

/**
 * A schema, values of it, and the order that a column of them has, written down independently of the
 * columns. `compare` gives 0 exactly for what is one value.
 */
export interface ColumnCase {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly values: fc.Arbitrary<unknown>;
  compare(a: unknown, b: unknown): number;
}

export function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code points; a lone surrogate is a code point of its own. */
export function compareText(a: string, b: string): number {
  const points = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0)!);
  return compareLists(points(a), points(b), compareNumbers);
}

const compareBigints = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function columnCase<T>(
  name: string,
  schema: z.ZodType,
  values: fc.Arbitrary<T>,
  compare: (a: T, b: T) => number,
): ColumnCase {
  return { name, schema, values, compare: compare as ColumnCase["compare"] };
}

const integers = (least: number, most: number): fc.Arbitrary<number> =>
  fc
    .oneof(
      fc.constantFrom(least, most, 0, 1, -0),
      fc.integer({ min: Math.max(least, -9), max: 9 }),
      fc.integer({ min: least, max: most }),
    )
    .map((value) => Math.max(value, least));

const bigints = (least: bigint, most: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.constantFrom(least, least + 1n, most, most - 1n, 0n, 1n),
    // Neighbours that one double stands for.
    fc
      .tuple(fc.integer({ min: 52, max: 62 }), fc.integer({ min: -3, max: 3 }))
      .map(([bits, off]) => 2n ** BigInt(bits) + BigInt(off)),
    fc.bigInt({ min: least, max: most }),
  );

const numbers = fc.oneof(
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE, 0.1, 2 ** 53, 1, -1),
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
);

/** Text on which encodings and comparisons have come to grief. */
export const EDGY = [
  "",
  "\0",
  "a",
  "a\0",
  "a\0b",
  "abcdef",
  "abcdef\0",
  "abcdefg",
  "abcdefh",
  "order-1",
  "username-1",
  "username-2",
  "username-10",
  "é",
  "\u{ffff}",
  "\u{fffe}",
  "\u{e000}",
  "\u{feff}a",
  "😀",
  "😁",
  "\ud800",
  "\ud800a",
  "\udc00",
  "\udfff\ud800",
  "x".repeat(70),
  `${"x".repeat(70)}é`,
  `${"x".repeat(70)}\ud800`,
  `\u{feff}${"x".repeat(70)}é`,
  `${"x".repeat(70)}\ud7ff`,
] as const;

/** Text with shared prefixes, equal heads, astral characters, lone surrogates, NUL and a byte order mark. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EDGY),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    maxLength: 9,
  }),
  fc
    .tuple(fc.constantFrom("user-", "https://example.org/"), fc.nat(99))
    .map(([prefix, n]) => `${prefix}${n}`),
);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 9 }),
  fc.uint8Array({ maxLength: 3, max: 2 }).map((tail) => Uint8Array.of(1, 2, 3, 4, 5, 6, ...tail)),
);

const dates = fc.oneof(
  fc.constantFrom(0, -1, 8.64e15, -8.64e15).map((time) => new Date(time)),
  fc.date({ noInvalidDate: true }),
);

const INT64 = 2n ** 63n;

/** One column each. */
export const LEAVES: readonly ColumnCase[] = [
  columnCase("int32", z.int32(), integers(-(2 ** 31), 2 ** 31 - 1), compareNumbers),
  columnCase("uint32", z.uint32(), integers(0, 2 ** 32 - 1), compareNumbers),
  columnCase("int", z.int(), integers(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), compareNumbers),
  columnCase("number", z.number(), numbers, compareNumbers),
  columnCase(
    "float32",
    z.float32(),
    numbers.map((value) => Math.fround(value)),
    compareNumbers,
  ),
  columnCase("boolean", z.boolean(), fc.boolean(), (a, b) => Number(a) - Number(b)),
  columnCase("date", z.date(), dates, (a, b) => a.getTime() - b.getTime()),
  columnCase("int64", z.int64(), bigints(-INT64, INT64 - 1n), compareBigints),
  columnCase("uint64", z.uint64(), bigints(0n, 2n * INT64 - 1n), compareBigints),
  columnCase("text", z.string(), texts, compareText),
  columnCase("bytes", z.instanceof(Uint8Array), bytes, (a, b) =>
    compareLists([...a], [...b], compareNumbers),
  ),
  columnCase("enum", z.enum(["red", "green", "blue"]), fc.constantFrom("red", "green", "blue"), compareText),
  columnCase("literal", z.literal([3, 1, 2]), fc.constantFrom(1, 2, 3), compareNumbers),
  columnCase("literal text", z.literal("only"), fc.constant("only"), compareText),
];

function absenceCase(inner: ColumnCase, kind: "nullable" | "optional" | "nullish"): ColumnCase {
  const absent = kind === "nullable" ? [null] : kind === "optional" ? [undefined] : [undefined, null];
  const rank = (value: unknown): number => (value === undefined ? 0 : value === null ? 1 : 2);
  return {
    name: `${kind}(${inner.name})`,
    schema: inner.schema[kind](),
    values: fc.oneof(fc.constantFrom(...absent), inner.values, inner.values),
    compare: (a, b) => rank(a) - rank(b) || (rank(a) === 2 && rank(b) === 2 ? inner.compare(a, b) : 0),
  };
}

// Names that every object inherits are fields like any other.
const NAMES = ["a", "b", "toString", "length"];

function objectCase(fields: readonly ColumnCase[]): ColumnCase {
  const named = fields.map((field, i) => [NAMES[i]!, field] as const);
  return {
    name: `{${fields.map((field) => field.name).join()}}`,
    schema: z.object(Object.fromEntries(named.map(([name, field]) => [name, field.schema]))),
    values: fc.record(Object.fromEntries(named.map(([name, field]) => [name, field.values]))),
    compare: (a, b) => {
      const [x, y] = [a, b] as Record<string, unknown>[];
      for (const [name, field] of named) {
        const order = field.compare(x![name], y![name]);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}

function tupleCase(items: readonly ColumnCase[]): ColumnCase {
  return {
    name: `[${items.map((item) => item.name).join()}]`,
    schema: z.tuple(items.map((item) => item.schema) as [z.ZodType, ...z.ZodType[]]),
    values: fc.tuple(...items.map((item) => item.values)),
    compare: (a, b) => {
      const [x, y] = [a, b] as unknown[][];
      for (const [i, item] of items.entries()) {
        const order = item.compare(x![i], y![i]);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}

/** Random schemas of all column types, absences, objects and tuples, nested. */
export const columnCases: fc.Arbitrary<ColumnCase> = fc.letrec<{ node: ColumnCase; leaf: ColumnCase }>(
  (tie) => {
    const several = fc.array(tie("node"), { minLength: 1, maxLength: 3, depthIdentifier: "columns" });
    const absences = fc.constantFrom("nullable", "optional", "nullish");
    return {
      leaf: fc.constantFrom(...LEAVES),
      node: fc.oneof(
        { depthIdentifier: "columns", maxDepth: 2, withCrossShrink: true },
        tie("leaf"),
        fc.tuple(tie("node"), absences).map(([inner, kind]) => absenceCase(inner, kind)),
        several.map(objectCase),
        several.map(tupleCase),
      ),
    };
  },
).node;
