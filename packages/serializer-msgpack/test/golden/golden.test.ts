import { assertSameBytes, canonicalText, goldenExtension, goldenValues } from "@zspine/conformance";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { msgpack } from "../../src/index.ts";

const folder = new URL("v1/", import.meta.url);
const serializer = (name: string) =>
  name === "compressed" ? msgpack({ compression: "deflate" }) : msgpack({ extensions: [goldenExtension] });
const read = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));

describe("msgpack(), for ever", () => {
  it("H11 has the id 1 and the name msgpack", () => {
    expect(msgpack()).toMatchObject({ id: 1, name: "msgpack" });
  });

  it("H11 has a golden file for every golden value", () => {
    const names = goldenValues.map(({ name }) => `${name}.bin`);
    expect(readdirSync(folder).toSorted()).toEqual(names.toSorted());
  });

  for (const { name, make } of goldenValues) {
    it(`H6 H11 decode() reads ${name} as version 1 wrote it`, () => {
      expect(canonicalText(serializer(name).decode(read(name)))).toBe(canonicalText(make()));
    });

    it(`H11 encode() writes ${name} as version 1 did`, () => {
      assertSameBytes(serializer(name).encode(make()), read(name), name);
    });
  }
});
