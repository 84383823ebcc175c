import { weighValue } from "./weigh-value.ts";

/** A value that every serializer holds; made anew each time, so that nobody changes another's. */
export interface SampleValue {
  readonly name: string;
  readonly make: () => unknown;
}

const NUMBERS = [
  [
    0, 1, -1, 23, 24, 31, 32, -32, -33, 127, 128, -128, -129, 255, 256, 32_767, 32_768, -32_769, 65_535,
    65_536,
  ],
  [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1],
  [2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 64), 1e100, 0.5, -1.5, 0.1, 1 / 3, 3.4028234663852886e38, 65_504],
  [Number.MIN_VALUE, Number.MAX_VALUE, Number.EPSILON, 2 ** -24, 2 ** -149, NaN, Infinity, -Infinity],
].flat();

const BIGINTS = [
  [0n, 1n, -1n, 127n, 128n, -128n, 255n, 256n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n],
  [-(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 64n), 3n ** 200n, -(3n ** 200n)],
  [2n ** 4096n + 1n, 2n ** 8192n - 1n, 2n ** 8192n, -(2n ** 8192n) - 1n, 2n ** 20_000n],
].flat();

const TEXTS = [
  ["", "a", "\0", "a\0b", "é", "ß", "漢", "😀", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "e\u0301"],
  ["\ufeff", "\ufeffbyte order mark", "\ud800", "\udc00", "\udc00\ud800", "a\ud800b", "\ud83d", "\ud83d😀"],
  [15, 16, 31, 32, 255, 256, 65_535, 65_536].map((length) => "x".repeat(length)),
  [31, 255].map((length) => "é".repeat(length)),
  // Long enough for decoders that go another way from some length on.
  ["\ufeff", "\ud800", "😀", "\udfff漢"].map((start) => start + "é".repeat(100)),
].flat();

const DATES = [
  [0, 1, -1, 999, 1.7e12, 1_700_000_000_123, 2 ** 32 * 1000, 2 ** 32 * 1000 + 1, -(2 ** 40)],
  [8.64e15, -8.64e15, 8.64e15 - 1, 1 - 8.64e15, 4_462_199_675_538_194],
].flat();

const brief = (digits: string) =>
  digits.length < 25 ? digits : `${digits.slice(0, 12)}…${digits.slice(-12)} of ${digits.length} digits`;

const texts: readonly SampleValue[] = TEXTS.map((text) => ({
  name:
    text.length < 30
      ? `the text ${JSON.stringify(text)}`
      : `the text ${JSON.stringify(text[0])} … of ${text.length}`,
  make: () => text,
}));

const VIEW_TYPES = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
] as const;

/** Arrays of numbers by type: full, empty, and a view into the middle of a larger buffer. */
const views: readonly SampleValue[] = VIEW_TYPES.flatMap((View): SampleValue[] => [
  { name: `a ${View.name}`, make: () => new View([1, 2, 250.5, -3, 0, 1e9]) },
  { name: `an empty ${View.name}`, make: () => new View(0) },
  { name: `a ${View.name} that looks into a larger buffer`, make: () => new View(20).fill(7).subarray(3, 9) },
]);

const bigViews: readonly SampleValue[] = [BigInt64Array, BigUint64Array].flatMap((View): SampleValue[] => [
  { name: `a ${View.name}`, make: () => new View([0n, 1n, 2n ** 62n, -1n]) },
  { name: `an empty ${View.name}`, make: () => new View(0) },
]);

const twice = (value: unknown) => [value, value];
const counted = (length: number) => Array.from({ length }, (_, at) => at);

const arrays: readonly SampleValue[] = [
  ...[0, 1, 15, 16, 255, 256, 65_536].map((length) => ({
    name: `an array of ${length}`,
    make: () => counted(length),
  })),
  {
    name: "an array of every kind",
    make: () => [undefined, null, true, 1, 1n, "1", new Date(1), [], {}, new Map()],
  },
  { name: "an array that holds one object twice", make: () => twice({ a: [1] }) },
];

const objects: readonly SampleValue[] = [
  { name: "an object without properties", make: () => ({}) },
  { name: "an object", make: () => ({ b: 1, a: "x", c: [true, null], d: { e: 1.5, f: undefined } }) },
  {
    name: "an object with keys like numbers",
    make: () => ({ 10: "a", 9: "b", "-1": "c", "1.5": "d", "01": "e" }),
  },
  {
    name: "an object with keys of any text",
    make: () => ({ "": 1, "\0": 2, é: 3, "\ud800": 4, "😀": 5, "a.b": 6 }),
  },
  {
    name: "an object without prototype",
    make: () => Object.assign(Object.create(null), { a: 1 }) as unknown,
  },
  {
    name: "an object with names of methods",
    make: () => ({ toString: 1, valueOf: 2, hasOwnProperty: 3, toJSON: 4 }),
  },
  { name: "an object with names of what all objects have", make: () => ({ constructor: 1, prototype: 2 }) },
  { name: "an object of one property with the name of a number", make: () => ({ 1: "a" }) },
  { name: "an object with a key that begins with a byte order mark", make: () => ({ "\ufeffa": 1 }) },
  ...[15, 16, 300].map((length) => ({
    name: `an object of ${length} properties`,
    make: () => Object.fromEntries(counted(length).map((at) => [`key ${at}`, at])),
  })),
];

const collections: readonly SampleValue[] = [
  { name: "an empty Map", make: () => new Map() },
  { name: "an empty Set", make: () => new Set() },
  {
    name: "a Map with keys of every kind",
    make: () =>
      new Map<unknown, unknown>([
        [1, "n"],
        [1n, "b"],
        ["1", "t"],
        [true, 0],
        [null, 0],
        [undefined, 0],
        [NaN, 0],
        [[1], {}],
        [{ a: 1 }, []],
      ]),
  },
  {
    name: "a Set of every kind",
    make: () => new Set([1, 1n, "1", true, null, undefined, NaN, [1], { a: 1 }, new Set([1])]),
  },
  ...[1, -1, 200, 1n, "1", null, [1], true].map((key) => ({
    name: `a Map of one entry, its key ${typeof key} ${JSON.stringify(typeof key === "bigint" ? "1" : key)}`,
    make: () => new Map([[key, "a"]]),
  })),
  { name: "a Map of 300", make: () => new Map(counted(300).map((at) => [at, `${at}`])) },
  { name: "a Set of 300", make: () => new Set(counted(300).map((at) => `${at}`)) },
  {
    name: "Maps and Sets in one another",
    make: () => new Map([["a", new Set([new Map([[new Date(5), 1]])])]]),
  },
];

/** Values of every kind that the contract names, at the borders where encodings change their form. */
export const SAMPLE_VALUES: readonly SampleValue[] = [
  ...[undefined, null, true, false].map((value) => ({ name: String(value), make: () => value })),
  ...NUMBERS.map((number) => ({ name: `the number ${number}`, make: () => number })),
  ...BIGINTS.map((bigint) => ({ name: `the bigint ${brief(String(bigint))}`, make: () => bigint })),
  ...texts,
  ...DATES.map((ms) => ({ name: `the date ${ms}`, make: () => new Date(ms) })),
  ...views,
  ...bigViews,
  ...arrays,
  ...objects,
  ...collections,
];

/** Those samples that weigh at most `weightMax`, as {@link weighValue} counts: for cases that try each often. */
export function samplesUpTo(weightMax: number): SampleValue[] {
  return SAMPLE_VALUES.filter(({ make }) => weighValue(make(), weightMax) <= weightMax);
}

/** Wraps a number in `depth` layers: of arrays, objects and Maps in turn, or of what `wrap` makes. */
export function nest(depth: number, wrap?: (inner: unknown) => unknown): unknown {
  const kinds = [(x: unknown) => [x], (x: unknown) => ({ a: x }), (x: unknown) => new Map([["a", x]])];
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = (wrap ?? kinds[at % kinds.length])?.(value);
  return value;
}
