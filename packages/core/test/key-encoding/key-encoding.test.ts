import { describe, expect, it } from "vitest";
import {
  createRegistry,
  decodeKey,
  encodeKey,
  isZspineError,
  keyPrefixRange,
  orderedKeys,
  type ZspineError,
} from "../../src/index.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function errorOf(call: () => unknown): ZspineError {
  try {
    call();
  } catch (error) {
    if (isZspineError(error)) return error;
    throw error;
  }
  return expect.unreachable("it should have thrown");
}

describe("encodeKey()", () => {
  /** Bytes of version 1, which never change. */
  const GOLDEN: readonly (readonly [value: unknown, bytes: string])[] = [
    [undefined, "10"],
    [null, "11"],
    [false, "20"],
    [true, "21"],
    [-Infinity, "30000fffffffffffff"],
    [-1, "30400fffffffffffff"],
    [-0, "308000000000000000"],
    [0, "308000000000000000"],
    [7, "30c01c000000000000"],
    [Infinity, "30fff0000000000000"],
    [NaN, "30fff8000000000000"],
    [-256n, "38fdfeff"],
    [-1n, "38fefe"],
    [0n, "3900"],
    [255n, "3901ff"],
    [2n ** 2040n, `39ff0000010001${"00".repeat(255)}`],
    [new Date(7), "40c01c000000000000"],
    ["", "4800"],
    ["a\0b", "486101016200"],
    ["é😀\ud800", "48c3a9f09f9880eda08000"],
    [Uint8Array.of(0, 255, 1), "500101ff010200"],
    [Int16Array.of(-1, 0), "58037fff80010100"],
    [Float64Array.of(-0, NaN), `5808${"80" + "0101".repeat(7)}fff8${"0101".repeat(6)}00`],
    [["ann", 7], "6048616e6e0030c01c00000000000000"],
    [[[], []], "606000600000"],
    [{ b: null, a: [true] }, "684861006021004862001100"],
    [
      new Map<unknown, unknown>([
        ["b", 1n],
        [2n, null],
      ]),
      "703901021148620039010100",
    ],
    [new Set(["b", false]), "782048620000"],
  ];

  it.each(GOLDEN)("H9 gives the bytes of version 1 when it is given %s", (value, bytes) => {
    expect(hex(encodeKey(value))).toBe(bytes);
    expect(hex(encodeKey(decodeKey(Buffer.from(bytes, "hex"))))).toBe(bytes);
  });

  it("H9 sorts what its comment says in the order of the types", () => {
    const values = [
      undefined,
      null,
      false,
      true,
      -1,
      0.5,
      1,
      NaN,
      -1n,
      1n,
      new Date(0),
      "",
      "a",
      Uint8Array.of(),
    ];
    const keys = [...values, new Float64Array(0), [], {}, new Map(), new Set()].map(encodeKey);
    expect(keys.map(hex)).toEqual(keys.map(hex).sort());
  });

  const self: unknown[] = [1];
  self.push({ a: self });
  const REFUSED: readonly (readonly [what: string, value: unknown, path: PropertyKey[]])[] = [
    ["a function", () => 1, []],
    ["a symbol", [Symbol("a")], [0]],
    ["an invalid Date", { a: [new Date(NaN)] }, ["a", 0]],
    [
      "an instance of a class",
      new Map([
        [
          "k",
          new (class A {
            readonly a = 1;
          })(),
        ],
      ]),
      [0],
    ],
    ["a DataView", [new DataView(new ArrayBuffer(1))], [0]],
    ["what lies within itself", self, [1, "a"]],
    [
      "a Map with two equal keys",
      new Map([
        [[1], 1],
        [[1], 2],
      ]),
      [],
    ],
    ["a Set with two equal members", [new Set([{ a: 1 }, { a: 1 }])], [0]],
  ];

  it.each(REFUSED)("H9 throws ZSPINE_ENCODE with the path when it is given %s", (_what, value, path) => {
    expect(errorOf(() => encodeKey(value))).toMatchObject({ code: "ZSPINE_ENCODE", path });
  });

  it("H9 holds what is 128 deep, and refuses what is deeper both ways", () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);
    const key = encodeKey(nest(128));
    expect(decodeKey(key)).toEqual(nest(128));
    expect(errorOf(() => encodeKey(nest(129))).code).toBe("ZSPINE_ENCODE");
    const deeper = Uint8Array.of(0x60, ...key, 0x00);
    expect(errorOf(() => decodeKey(deeper)).code).toBe("ZSPINE_DECODE");
    expect(errorOf(() => decodeKey(new Uint8Array(1e6).fill(0x60))).code).toBe("ZSPINE_DECODE");
  });

  it("H9 takes holes of arrays for undefined, and one value in two places for two", () => {
    const twice = { a: 1 };
    const holes: unknown[] = [];
    holes[1] = 1;
    expect(decodeKey(encodeKey(holes))).toEqual([undefined, 1]);
    expect(decodeKey(encodeKey([twice, twice]))).toEqual([{ a: 1 }, { a: 1 }]);
  });
});

describe("decodeKey()", () => {
  const MALFORMED: readonly (readonly [what: string, bytes: string])[] = [
    ["nothing", ""],
    ["a tag that is none", "01"],
    ["an end alone", "00"],
    ["bytes behind the value", "1011"],
    ["half a number", "30c01c"],
    ["−0", "307fffffffffffffff"],
    ["another NaN", "30fff8000000000001"],
    ["a negative NaN", "300007ffffffffffff"],
    ["a bigint with leading zeros", "39020001"],
    ["a bigint that is shorter than it says", "3902ff"],
    ["a bigint that says it has 4 GB", "39ffffffffff"],
    ["a short bigint in the long form", "39ff0000000101"],
    ["a negative bigint of 0", "38ff"],
    ["the time of no Date", "40fff8000000000000"],
    ["a time between two milliseconds", "40bfe0000000000000"],
    ["text without end", "4861"],
    ["text that ends in an escape", "48610100"],
    ["an escape of what needs none", "48010300"],
    ["an overlong character", "48c1a100"],
    ["a character that is cut off", "48f09f9800"],
    ["a character beyond the last", "48f490808000"],
    ["a surrogate pair in two", "48eda0bdedb88000"],
    ["a typed array of no type", "580b00"],
    ["half an element", "58038000"],
    ["a typed array with −0", "58077fffffff00"],
    ["an array without end", "6010"],
    ["names out of order", "68486200104861001000"],
    ["a name twice", "68486100104861001000"],
    ["a name that is no text", "68103000"],
    ["a Map without the last value", "701000"],
    ["members out of order", "78111000"],
    ["a member twice", "78101000"],
  ];

  it.each(MALFORMED)("H9 throws ZSPINE_DECODE when it is given %s", (_what, bytes) => {
    expect(errorOf(() => decodeKey(Buffer.from(bytes, "hex"))).code).toBe("ZSPINE_DECODE");
  });

  it("H9 reads a view into a larger buffer, and keeps nothing of it", () => {
    const value = ["text", Uint8Array.of(1, 2), Uint8Array.of(7), Float32Array.of(1.5)];
    const key = encodeKey(value);
    const buffer = Buffer.alloc(key.length + 7, 0xa5);
    buffer.set(key, 3);
    const decoded = decodeKey(buffer.subarray(3, 3 + key.length));
    buffer.fill(0);
    expect(decoded).toStrictEqual(value);
  });

  it("H9 makes __proto__ a property as others", () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}');
    const decoded = decodeKey(encodeKey(value)) as object;
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.keys(decoded)).toEqual(["__proto__", "constructor"]);
  });

  it("throws a TypeError when it is not given bytes", () => {
    expect(() => decodeKey("60" as never)).toThrow(TypeError);
  });
});

describe("keyPrefixRange()", () => {
  it("throws ZSPINE_INVALID_OPTIONS when nothing can begin with the value", () => {
    expect(errorOf(() => keyPrefixRange(1 as never))).toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["prefix"],
    });
  });
});

describe("orderedKeys()", () => {
  it("H9 is a serializer that a registry knows by name", () => {
    const registry = createRegistry([orderedKeys]);
    const serializer = registry.serializer("ordered");
    expect(serializer).toMatchObject({ name: "ordered", id: 3 });
    expect(serializer.decode(serializer.encode([1, "a"]))).toEqual([1, "a"]);
  });
});
