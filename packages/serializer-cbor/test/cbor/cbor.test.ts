import { createRegistry, type Serializer } from "@zspine/core";
import { addExtension, decode as decodeAny, encode as encodeAny } from "cbor-x/encode";
import { describe, expect, it } from "vitest";
import { cbor } from "../../src/index.ts";

const serializer = cbor();
const encode = (value: unknown) => hex(serializer.encode(value));
const decode = (text: string) => serializer.decode(bytes(text));
const hex = (found: Uint8Array) => Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
const bytes = (text: string) => Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const refused = (message: RegExp) =>
  expect.objectContaining({ code: "ZSPINE_DECODE", message: expect.stringMatching(message) as string });

describe("cbor() in a registry", () => {
  it("H2 T16 is the default serializer, and works", () => {
    const found = createRegistry([cbor]).serializer();
    expect(found.decode(found.encode({ a: 1 }))).toEqual({ a: 1 });
  });

  it("H2 T17 gives way to a custom factory until the registry is reset", () => {
    const registry = createRegistry([cbor]);
    const custom: Serializer = { ...cbor(), name: "custom" };
    registry.setDefaultSerializer(() => custom);
    expect(registry.serializer()).toBe(custom);
    registry.reset();
    expect(registry.serializer().name).toBe("cbor");
  });

  it("H2 takes options from plain configuration", () => {
    const registry = createRegistry([cbor]);
    const options = { type: "cbor", compression: "deflate", compressionMinBytes: 100 };
    expect(registry.serializer(options).name).toBe("cbor+deflate>=100");
  });
});

describe("cbor() writes", () => {
  it.each([
    [5, "05"],
    [5.0, "05"],
    [-0, "00"],
    [-1, "20"],
    [200, "18 c8"],
    [-(2 ** 32), "3a ff ff ff ff"],
    [2 ** 32, "fb 41 f0 00 00 00 00 00 00"],
    [NaN, "fb 7f f8 00 00 00 00 00 00"],
    [5n, "1b 00 00 00 00 00 00 00 05"],
    [-5n, "3b 00 00 00 00 00 00 00 04"],
    [2n ** 64n, "c2 49 01 00 00 00 00 00 00 00 00"],
    [-(2n ** 63n) - 1n, "c3 48 80 00 00 00 00 00 00 00"],
    [undefined, "f7"],
    [null, "f6"],
    ["é", "62 c3 a9"],
    ["\ud800", "d9 01 11 43 ed a0 80"],
    [new Date(5000), "c1 05"],
    [new Date(1500), "c1 fb 3f f8 00 00 00 00 00 00"],
    [new Map([[1, "a"]]), "d9 01 03 a1 01 61 61"],
    [new Set([2, 1]), "d9 01 02 82 01 02"],
    [{ b: 1, a: 2 }, "a2 61 61 02 61 62 01"],
    [new Uint8Array([1, 2]), "42 01 02"],
    [new Uint16Array([1, 2]), "d8 45 44 01 00 02 00"],
  ])("H11 %s as %s", (value, expected) => {
    expect(encode(value)).toBe(expected);
  });

  it("H11 a Date in milliseconds where its seconds would not give it back", () => {
    const time = 4_462_199_675_538_194;
    expect(encode(new Date(time))).toMatch(/^d9 b0 04 fb /);
    expect(serializer.decode(serializer.encode(new Date(time)))).toEqual(new Date(time));
  });

  it("H5 bigints up to 1,024 bytes under the tag that others know, larger ones under its own", () => {
    expect(hex(serializer.encode(2n ** 8192n - 1n).subarray(0, 4))).toBe("c2 59 04 00");
    expect(hex(serializer.encode(2n ** 8192n).subarray(0, 6))).toBe("d9 b0 05 59 04 01");
    expect(hex(serializer.encode(-(2n ** 8192n) - 1n).subarray(0, 6))).toBe("d9 b0 06 59 04 01");
  });

  it("what other CBOR readers read: documents, Dates, Maps, Sets, bigints and typed arrays", () => {
    const document = { b: [1, -1.5, "é", null, undefined, true], a: { nested: { list: [[], {}] } } };
    const rich = { at: new Date(1500), set: new Set([1]), big: 2n ** 70n, view: new Float64Array([0.5]) };
    expect(decodeAny(Buffer.from(serializer.encode(document)))).toEqual(document);
    expect(decodeAny(Buffer.from(serializer.encode(rich)))).toEqual(rich);
  });
});

describe("cbor() reads", () => {
  it("documents that another CBOR writer wrote", () => {
    const document = {
      z: 1,
      a: ["x".repeat(300), 2 ** 40, -1, 0.5, false, null, undefined],
      m: new Date(1500),
    };
    expect(serializer.decode(new Uint8Array(encodeAny(document)))).toEqual(document);
  });

  it("numbers in forms that it does not write itself", () => {
    expect(decode("f9 3c 00")).toBe(1);
    expect(decode("fa 3f 80 00 00")).toBe(1);
    expect(decode("19 00 05")).toBe(5);
    expect(decode("3b ff ff ff ff ff ff ff ff")).toBe(-(2n ** 64n));
  });

  it("H6 no tags that are not its own, whose number it tells", () => {
    const tags: readonly (readonly [string, number])[] = [
      ["c0 61 61", 0],
      ["c4 82 01 02", 4],
      ["c6 01", 6],
      ["ce 01", 14],
      ["d8 1b 83 66 52 65 67 45 78 70 61 61 60", 27],
      ["d8 1c 80", 28],
      ["d8 1d 00", 29],
      ["d8 33 84 81 01 80 80 01", 51],
      ["d8 69 82 01 81 61 61", 105],
      ["d9 d9 f7 01", 55_799],
      ["d9 df ff 83 01 81 61 61 01", 57_343],
      ["da 53 68 72 64 01", 0x53687264],
      ["d9 b0 a1 01", 45_217],
    ];
    for (const [text, tag] of tags) {
      expect(() => decode(text), text).toThrowError(refused(new RegExp(`tag ${tag},`)));
      expect(() => decode(`81 ${text}`), text).toThrowError(refused(new RegExp(`tag ${tag},`)));
    }
  });

  it("H5 a bigint tag with no more bytes than cbor-x can read in time, and nothing else", () => {
    for (const tag of [0xc2, 0xc3]) {
      const large = Uint8Array.from([tag, 0x5a, 0, 0x10, 0, 0, ...new Uint8Array(2 ** 20).fill(0xff)]);
      expect(() => serializer.decode(large)).toThrowError(refused(/at most 1024 bytes/));
    }
    for (const text of ["c2", "c2 01", "c2 61 61", "c3 c2 41 01", "c2 59", "c2 42 01"]) {
      expect(() => decode(text), text).toThrowError(refused(/./));
    }
    const content = new Uint8Array(2 ** 16).fill(0xff);
    const found = serializer.decode(Uint8Array.from([0xd9, 0xb0, 0x05, 0x5a, 0, 1, 0, 0, ...content]));
    expect(found).toBe(2n ** 524_288n - 1n);
  });

  it("H5 nothing of indefinite length, no simple values, no lengths beyond the bytes that are there", () => {
    const simple = ["9f ff", "bf ff", "5f ff", "7f ff", "ff", "e0", "f3", "f8 20", "f8 ff", "1c", "fc"];
    const claims = [
      "9a ff ff ff ff",
      "ba ff ff ff ff",
      "7a ff ff ff ff",
      "5a ff ff ff ff",
      "99 ff ff",
      "b9 ff ff",
    ];
    const far = ["9b ff ff ff ff ff ff ff ff", "5b 00 00 00 01 00 00 00 00", "db ff ff ff ff ff ff ff ff"];
    for (const text of [...simple, ...claims, ...far]) {
      for (const whole of [text, `${text} 00`, `81 ${text}`, `a1 61 61 ${text}`, `d9 01 02 ${text}`]) {
        expect(() => decode(whole), whole).toThrowError(refused(/./));
      }
    }
  });

  it("H5 no text that is not UTF-8, no keys that are not text, no __proto__ where it would be set", () => {
    for (const text of ["61 80", "62 c3 28", "63 ed a0 80", "63 ef bb bf"]) {
      expect(() => decode(text), text).toThrowError(refused(/UTF-8/));
    }
    for (const text of ["a1 01 01", "a1 f6 01", "a1 c1 05 01", "a1 80 01"]) {
      expect(() => decode(text), text).toThrowError(refused(/key/));
    }
    expect(() => decode("a1 69 5f 5f 70 72 6f 74 6f 5f 5f a0")).toThrowError(refused(/__proto__/));
  });

  it("H5 no Set of more bigints than an engine keeps apart in time, whoever chose them", () => {
    const members = Array.from({ length: 2 ** 15 + 1 }, (_, at) => [
      0x1b,
      0,
      0,
      0,
      0,
      0,
      0,
      at >> 8,
      at & 0xff,
    ]);
    const set = Uint8Array.from([0xd9, 1, 2, 0x99, 0x80, 1, ...members.flat()]);
    expect(() => serializer.decode(set)).toThrowError(refused(/32768 bigints/));
  });

  it("H5 no marks with a content that is not theirs", () => {
    const wrong = [
      "c1 61 61",
      "c1 80",
      "c1 fb 7f f8 00 00 00 00 00 00",
      "d9 01 02 01",
      "d9 01 03 80",
      "d9 01 11 61 61",
    ];
    for (const text of [
      ...wrong,
      "d8 45 43 01 02 03",
      "d8 45 01",
      "d9 b0 08 81 61 61",
      "d9 b0 07 41 ff",
      "d9 b0 0a f6",
    ]) {
      expect(() => decode(text), text).toThrowError(refused(/./));
    }
  });

  it("Maps whose keys are objects and Maps, and objects within Maps", () => {
    const value = new Map<unknown, unknown>([
      [{ a: new Map([[1, { b: 2 }]]) }, { c: new Map() }],
      [new Map([[{ d: 1 }, 1]]), { e: {} }],
    ]);
    expect(serializer.decode(serializer.encode(value))).toEqual(value);
  });

  it("what it wrote, or refuses it, whatever others register with cbor-x", () => {
    const value = { at: new Date(7000), set: new Set([1]), map: new Map([[1, 2]]), none: undefined };
    const before = encode(value);
    addExtension({
      Class: Date,
      tag: 1,
      encode: () => "hijacked" as never,
      decode: () => "hijacked" as never,
    });
    addExtension({
      Class: Set,
      tag: 40_000,
      encode: () => "hijacked" as never,
      decode: () => "hijacked" as never,
    });
    expect(encode(value)).toBe(before);
    expect(() => decode(encode([new Date(7000)]))).not.toThrowError(TypeError);
  });
});
