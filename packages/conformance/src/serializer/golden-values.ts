import type { ValueExtension } from "@zspine/core";
import type { SampleValue } from "./sample-values.ts";

/** A class of which a golden value is. */
class Golden {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

/** The extension of the golden value `extension`. */
export const goldenExtension: ValueExtension<Golden, { readonly id: number }> = {
  id: 42,
  class: Golden,
  encode: ({ id }) => ({ id }),
  decode: ({ id }) => new Golden(id),
};

const VIEWS = [
  new Uint8Array([0, 1, 254, 255]),
  new Int8Array([-128, -1, 0, 127]),
  new Uint8ClampedArray([0, 255]),
  new Int16Array([-32_768, 1]),
  new Uint16Array([1, 65_535]),
  new Int32Array([-(2 ** 31), 1]),
  new Uint32Array([1, 2 ** 32 - 1]),
  new Float32Array([-1.5, NaN, 0]),
  new Float64Array([0.1, Infinity]),
  new BigInt64Array([-(2n ** 63n), 1n]),
  new BigUint64Array([2n ** 64n - 1n]),
] as const;

// Where keys stop being array indexes, which every runtime puts first.
const INDEXES = { 4294967296: 3, 4294967295: 2, 4294967294: 1, 1: 0, "01": 4 };

const VALUES: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  booleans: [true, false],
  integers: [0, 1, -1, 23, 24, 31, 32, -32, -33, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, -(2 ** 31)],
  floats: [0.5, -1.5, 0.1, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, 1e100, NaN, Infinity, -Infinity],
  bigints: [0n, 5n, -5n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)],
  "large-bigints": [2n ** 64n, -(2n ** 63n) - 1n, 3n ** 200n, -(3n ** 200n)],
  "huge-bigint": 2n ** 8192n,
  texts: ["", "a", "é", "漢字", "😀", "a\0b", "x".repeat(31), "x".repeat(32), "x".repeat(256)],
  "irregular-texts": ["\ud800", "a\udc00b", "\ufeffmark"],
  dates: [
    new Date(0),
    new Date(1_700_000_000_123),
    new Date(-1),
    new Date(8.64e15 - 1),
    new Date(4_462_199_675_538_194),
  ],
  views: VIEWS,
  arrays: [[], [1, [2, [3]]], [undefined, null]],
  objects: [
    {},
    { b: 1, a: { z: null, y: undefined } },
    { 10: "ten", 9: "nine", "-1": "minus", "": "none" },
    INDEXES,
  ],
  "irregular-objects": [JSON.parse('{"__proto__":1,"b":2}'), { "\ud800": 1, a: 2 }, { "\ufeff": 1 }],
  maps: [
    new Map(),
    new Map([[1, "a"]]),
    new Map<unknown, unknown>([
      ["b", 1],
      ["a", 2],
      [1n, 3],
      [{ k: 1 }, 4],
    ]),
  ],
  sets: [new Set(), new Set([3, "a", 1, null, [1], true])],
  record: {
    id: 7,
    name: "ann",
    price: 12.5,
    tags: ["x", "y"],
    at: new Date(1e12),
    more: new Map([["k", new Set([1n])]]),
  },
  compressed: { list: Array.from({ length: 40 }, (_, at) => ({ name: "a name", at })) },
  extension: [new Golden(1), { inner: new Golden(2) }],
};

/**
 * Values of which every serializer keeps the bytes that its first version wrote, in files by these names: each
 * release reads them and writes them again. What is here is never changed; `compressed` is written with
 * `compression: "deflate"` and `extension` with {@link goldenExtension}. They are not to be changed by whoever
 * gets them.
 */
export const goldenValues: readonly SampleValue[] = Object.entries(VALUES).map(([name, value]) => ({
  name,
  make: () => value,
}));
