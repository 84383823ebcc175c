import fc from "fast-check";
import { compareNumbers, compareText, EDGY, texts } from "../zset/column-cases.ts";

/** Values of one kind. */
export interface KeyCase {
  readonly name: string;
  readonly values: fc.Arbitrary<unknown>;
}

export const SEED = 20270418;

const TYPED = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** Tells where a value stands among the types, by the table of `encodeKey`. */
function rankOf(value: unknown): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (value instanceof Date) return 5;
  if (value instanceof Uint8Array) return 7;
  if (ArrayBuffer.isView(value)) return 8;
  if (Array.isArray(value)) return 9;
  if (value instanceof Map) return 11;
  if (value instanceof Set) return 12;
  return { boolean: 2, number: 3, bigint: 4, string: 6, object: 10 }[typeof value as "object"];
}

function compareItems(a: Iterable<unknown>, b: Iterable<unknown>): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = compareValues(x[i], y[i]);
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

// In boxes, for `sort` puts `undefined` last without asking.
const sorted = (items: Iterable<unknown>): unknown[] =>
  Array.from(items, (item) => ({ item }))
    .sort((a, b) => compareValues(a.item, b.item))
    .map(({ item }) => item);

/** The order of keys, written down without bytes: 0 exactly for values that are equal. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  const byRank = rank - rankOf(b);
  if (byRank !== 0) return byRank;
  if (rank < 2) return 0;
  if (rank === 2) return Number(a) - Number(b);
  if (rank === 3) return compareNumbers(a as number, b as number);
  if (rank === 4) return (a as bigint) < (b as bigint) ? -1 : a === b ? 0 : 1;
  if (rank === 5) return (a as Date).getTime() - (b as Date).getTime();
  if (rank === 6) return compareText(a as string, b as string);
  if (rank === 7 || rank === 9) return compareItems(a as unknown[], b as unknown[]);
  if (rank === 8) {
    const typeOf = (view: unknown): number => TYPED.findIndex((type) => view instanceof type);
    return typeOf(a) - typeOf(b) || compareItems(a as never, b as never);
  }
  if (rank === 12) return compareItems(sorted(a as Set<unknown>), sorted(b as Set<unknown>));
  const entries = (of: unknown): Iterable<unknown> =>
    rank === 11 ? (of as Map<unknown, unknown>) : Object.entries(of as object);
  return compareItems(sorted(entries(a)).flat(1), sorted(entries(b)).flat(1));
}

const ints = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, 2 ** 32, -(2 ** 32)),
);
const floats = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 5e-324, -5e-324, 0.1, -0.1, Number.MAX_VALUE),
);
const numbers = fc.oneof(
  ints,
  floats,
  fc.integer({ min: -5, max: 5 }).map((n) => n + 0.5),
);
const bigints = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -3n, max: 3n }),
  // Where the length of the magnitude changes, or is written in another form.
  fc
    .tuple(fc.constantFrom(8, 16, 56, 64, 2032, 2040, 2048), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([bits, off, isNegative]) => (2n ** BigInt(bits) + BigInt(off)) * (isNegative ? -1n : 1n)),
);
const ascii = fc.string({ unit: fc.constantFrom(..."ab A!0z,\u007f"), maxLength: 6 });
const nuls = fc.string({
  unit: fc.constantFrom("\0", "\u0001", "\u0002", "a", "\u007f", "\u00ff"),
  maxLength: 6,
});
const surrogates = fc.string({
  unit: fc.constantFrom(
    "\ud7ff",
    "\ud800",
    "\udbff",
    "\udc00",
    "\udfff",
    "\ue000",
    "\uffff",
    "😀",
    "a",
    "\0",
  ),
  maxLength: 5,
});
const long = fc.tuple(fc.constantFrom(60, 64, 70), texts).map(([n, tail]) => "x".repeat(n) + tail);
const text = fc.oneof(texts, nuls, surrogates, ascii, long, fc.constantFrom(...EDGY));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc
    .array(fc.constantFrom(0, 1, 2, 127, 128, 254, 255), { maxLength: 5 })
    .map((list) => Uint8Array.from(list)),
);
const dates = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(0, -1, 8.64e15, -8.64e15).map((time) => new Date(time)),
);
const absences = fc.constantFrom(null, undefined);
const scalars = fc.oneof(absences, fc.boolean(), numbers, bigints, dates, text, bytes);
const few = fc.oneof(
  absences,
  fc.boolean(),
  fc.integer({ min: -1, max: 1 }),
  fc.constantFrom("", "a", "\0", "\u0001"),
  fc.constantFrom(Uint8Array.of(), Uint8Array.of(0)),
);

const typedArrays = fc.oneof(
  ...TYPED.map((type) => {
    const isBig = type === BigInt64Array || type === BigUint64Array;
    const elements: fc.Arbitrary<unknown> = isBig ? bigints : numbers;
    return fc
      .array(elements, { maxLength: 4 })
      .map((list) => (type as unknown as Float64ArrayConstructor).from(list as number[]));
  }),
);

const nested: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: "keys", withCrossShrink: true },
    few,
    fc.array(tie("node"), { maxLength: 3, depthIdentifier: "keys" }),
  ),
})).node;

const names = fc.constantFrom("a", "b", "", "\0", "é", "__proto__", "constructor", "\ud800", "😀");

/** Distinct by content, as keys of Maps and members of Sets have to be. */
const distinct = fc.uniqueArray(nested, { maxLength: 4, comparator: (a, b) => compareValues(a, b) === 0 });

const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: "any", withCrossShrink: true },
    scalars,
    typedArrays,
    fc.array(tie("node"), { maxLength: 4, depthIdentifier: "any" }),
    fc
      .array(fc.tuple(names, tie("node")), { maxLength: 3, depthIdentifier: "any" })
      .map((entries) => Object.fromEntries(entries) as unknown),
    fc
      .tuple(distinct, fc.array(tie("node"), { minLength: 4, maxLength: 4, depthIdentifier: "any" }))
      .map(([keys, values]) => new Map(keys.map((key, i) => [key, values[i]]))),
    distinct.map((members) => new Set(members)),
  ),
})).node;

/** Generators as those on which libraries came to grief (/work/shared/research/technology.md, section 7). */
export const KEY_CASES: readonly KeyCase[] = [
  { name: "integers", values: ints },
  { name: "floats", values: floats },
  { name: "integers and floats", values: numbers },
  { name: "bigints of any size", values: bigints },
  { name: "bigints and integers", values: fc.oneof(bigints, ints) },
  { name: "ASCII text", values: ascii },
  { name: "text with NUL", values: nuls },
  { name: "astral characters and lone surrogates", values: surrogates },
  { name: "long text", values: long },
  { name: "any text", values: text },
  { name: "booleans", values: fc.boolean() },
  { name: "dates", values: dates },
  { name: "bytes", values: bytes },
  { name: "typed arrays", values: typedArrays },
  { name: "tuples of text and integer", values: fc.tuple(text, ints) },
  { name: "tuples of text and text", values: fc.tuple(ascii, ascii) },
  { name: "tuples of text with NUL", values: fc.tuple(nuls, nuls) },
  { name: "tuples of numbers", values: fc.tuple(numbers, numbers) },
  { name: "tuples of bytes and integer", values: fc.tuple(bytes, ints) },
  { name: "tuples of a boolean or null and integer", values: fc.tuple(fc.option(fc.boolean()), ints) },
  { name: "tuples of null, undefined or integer", values: fc.tuple(fc.oneof(absences, ints), ints) },
  { name: "tuples of date and text", values: fc.tuple(dates, ascii) },
  { name: "tuples of any length", values: fc.array(few, { maxLength: 4 }) },
  { name: "nested tuples of any length", values: nested },
  { name: "scalars of every type", values: scalars },
  { name: "tuples of scalars of every type", values: fc.array(scalars, { maxLength: 4 }) },
  { name: "values of every type in one another", values: anything },
];
