import { createRegistry, type Serializer } from "@zspine/core";
import { addExtension, pack, unpack } from "msgpackr";
import { describe, expect, it } from "vitest";
import { msgpack } from "../../src/index.ts";

const serializer = msgpack();
const encode = (value: unknown) => hex(serializer.encode(value));
const decode = (text: string) => serializer.decode(bytes(text));
const hex = (found: Uint8Array) => Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
const bytes = (text: string) => Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const refused = (message: RegExp) =>
  expect.objectContaining({ code: "ZSPINE_DECODE", message: expect.stringMatching(message) as string });

describe("msgpack() in a registry", () => {
  it("H2 T16 is the default serializer, and works", () => {
    const found = createRegistry([msgpack]).serializer();
    expect(found.decode(found.encode({ a: 1 }))).toEqual({ a: 1 });
  });

  it("H2 T17 gives way to a custom factory until the registry is reset", () => {
    const registry = createRegistry([msgpack]);
    const custom: Serializer = { ...msgpack(), name: "custom" };
    registry.setDefaultSerializer(() => custom);
    expect(registry.serializer()).toBe(custom);
    registry.reset();
    expect(registry.serializer().name).toBe("msgpack");
  });

  it("H2 takes options from plain configuration", () => {
    const registry = createRegistry([msgpack]);
    expect(registry.serializer({ type: "msgpack", compression: "deflate" }).name).toBe("msgpack+deflate>=64");
    const path = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["msgpack", "depthMax"] });
    expect(() => registry.serializer({ type: "msgpack", depthMax: 1 })).toThrowError(path);
  });
});

describe("msgpack() writes", () => {
  it.each([
    [5, "05"],
    [5.0, "05"],
    [-0, "00"],
    [-1, "ff"],
    [200, "cc c8"],
    [-200, "d1 ff 38"],
    [2 ** 32, "cb 41 f0 00 00 00 00 00 00"],
    [NaN, "cb 7f f8 00 00 00 00 00 00"],
    [5n, "d3 00 00 00 00 00 00 00 05"],
    [2n ** 64n, "81 fb c4 09 01 00 00 00 00 00 00 00 00"],
    [-(2n ** 64n), "81 fa c4 08 ff ff ff ff ff ff ff ff"],
    [undefined, "81 ff c0"],
    [null, "c0"],
    ["é", "a2 c3 a9"],
    ["\ud800", "81 f9 c4 03 ed a0 80"],
    [new Date(5), "81 fc 05"],
    [new Map([[1, "a"]]), "81 fe 92 01 a1 61"],
    [new Set([2, 1]), "81 fd 92 01 02"],
    [{ b: 1, a: 2 }, "82 a1 61 02 a1 62 01"],
    [{ 1: "a" }, "81 a1 31 a1 61"],
    [new Uint8Array([1, 2]), "c4 02 01 02"],
    [new Uint16Array([1, 2]), "81 ed c4 04 01 00 02 00"],
  ])("H11 %s as %s", (value, expected) => {
    expect(encode(value)).toBe(expected);
  });

  it("H8 of a typed array its own bytes, and nothing of the memory around it", () => {
    const views = [new Float64Array(3), new Float32Array(3), new Int16Array(3), new BigInt64Array(3)];
    for (const view of views) {
      const found = serializer.encode(view);
      expect(found.subarray(4).every((byte) => byte === 0)).toBe(true);
      expect(found.length).toBe(4 + view.byteLength);
    }
  });

  it("plain documents that any MessagePack reader reads", () => {
    const document = { b: [1, -1.5, "é", null, true], a: { nested: { list: [[], {}] } } };
    expect(unpack(serializer.encode(document))).toEqual(document);
  });
});

describe("msgpack() reads", () => {
  it("plain documents that another MessagePack writer wrote", () => {
    const document = { z: 1, a: ["x".repeat(300), 2 ** 40, -1, 0.5, false, null] };
    expect(serializer.decode(new Uint8Array(pack(document)))).toEqual(document);
  });

  it("numbers in forms that it does not write itself", () => {
    expect(decode("ca 3f 80 00 00")).toBe(1);
    expect(decode("cd 00 05")).toBe(5);
    expect(decode("cf 00 00 00 00 00 00 00 05")).toBe(5n);
  });

  it("H6 neither extension types of MessagePack, whose number it tells, nor the byte that is never used", () => {
    expect(() => decode("d4 05 00")).toThrowError(refused(/extension type 5,/));
    expect(() => decode("d6 ff 00 00 00 00")).toThrowError(refused(/extension type -1,/));
    expect(() => decode("91 c7 02 78 01 01")).toThrowError(refused(/extension type 120,/));
    expect(() => decode("c8 00 01 73 01")).toThrowError(refused(/extension type 115,/));
    expect(() => decode("c9 00 00 00 01 42 01")).toThrowError(refused(/extension type 66,/));
    expect(() => decode("c1")).toThrowError(refused(/0xc1/));
  });

  it("H5 no lengths beyond the bytes that are there", () => {
    const heads = [
      "dd ff ff ff ff",
      "df ff ff ff ff",
      "db ff ff ff ff",
      "c6 ff ff ff ff",
      "dc ff ff",
      "de ff ff",
    ];
    for (const head of heads) {
      for (const text of [head, `${head} 00`, `91 ${head} 01 02`, `81 a1 61 ${head} c0`, `81 fe ${head}`]) {
        expect(() => decode(text), text).toThrowError(refused(/./));
      }
    }
    expect(() => decode("dd 00 00")).toThrowError(refused(/the end/));
  });

  it("H5 no text that is not UTF-8, and none that another form is for", () => {
    for (const text of [
      "a1 80",
      "a2 c3 28",
      "a2 c0 80",
      "a3 ed a0 80",
      "a4 f5 80 80 80",
      "a3 ef bb bf",
      "a1 c3",
    ]) {
      expect(() => decode(text), text).toThrowError(refused(/UTF-8/));
    }
  });

  it("H5 no keys that are not text, and no __proto__ where it would be set", () => {
    expect(() => decode("82 01 01 02 02")).toThrowError(refused(/key/));
    expect(() => decode("81 90 01")).toThrowError(refused(/key/));
    expect(() => decode("81 c0 01")).toThrowError(refused(/key/));
    expect(() => decode("81 a9 5f 5f 70 72 6f 74 6f 5f 5f 80")).toThrowError(refused(/__proto__/));
  });

  it("H5 no Set of more bigints than an engine keeps apart in time, whoever chose them", () => {
    const members = Array.from({ length: 2 ** 15 + 1 }, (_, at) => [
      0xd3,
      0,
      0,
      0,
      0,
      0,
      0,
      at >> 8,
      at & 0xff,
    ]);
    const set = Uint8Array.from([0x81, 0xfd, 0xdd, 0, 0, 0x80, 1, ...members.flat()]);
    expect(() => serializer.decode(set)).toThrowError(refused(/32768 bigints/));
  });

  it("H5 no marks with a content that is not theirs", () => {
    const wrong = [
      "81 ff 01",
      "81 fe 80",
      "81 fe 91 01",
      "81 fd 01",
      "81 fc a1 61",
      "81 fb 01",
      "81 f9 a1 61",
    ];
    for (const text of [
      ...wrong,
      "81 f8 91 a1 61",
      "81 f8 92 01 01",
      "81 f7 01",
      "81 f6 c0",
      "81 e0 c4 00",
      "81 e6 c0",
    ]) {
      expect(() => decode(text), text).toThrowError(refused(/./));
    }
  });

  it("H5 no typed array that ends within an element, no text that is none, no time that is none", () => {
    for (const text of ["81 ed c4 03 01 02 03", "81 f9 c4 01 ff", "81 f9 c4 06 ed a0 bd ed b8 80"]) {
      expect(() => decode(text), text).toThrowError(refused(/./));
    }
    expect(() => decode("81 fc cb 7f f8 00 00 00 00 00 00")).toThrowError(refused(/Date/));
    expect(() => decode("81 fc cb 3f e0 00 00 00 00 00 00")).toThrowError(refused(/Date/));
  });

  it("H5 a bigint of a megabyte", () => {
    const content = new Uint8Array(2 ** 16).fill(0xff);
    const found = serializer.decode(Uint8Array.from([0x81, 0xfb, 0xc6, 0, 1, 0, 0, ...content]));
    expect(found).toBe(2n ** 524_288n - 1n);
  });

  it("what it wrote, and writes it, whatever others register with msgpackr", () => {
    const value = {
      at: new Date(7),
      set: new Set([1]),
      map: new Map([[1, 2]]),
      view: new Int8Array(2),
      none: undefined,
    };
    const before = encode(value);
    const type = { read: () => "hijacked", write: () => "hijacked" };
    for (const [at, Class] of [Date, Set, Int8Array].entries())
      addExtension({ ...type, Class, type: at + 1 });
    for (let id = 1; id <= 127; id++) addExtension({ type: id, unpack: () => "hijacked" });
    expect(encode(value)).toBe(before);
    expect(decode(before)).toEqual(value);
  });
});
