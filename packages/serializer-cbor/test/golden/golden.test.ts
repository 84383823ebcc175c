import { assertSameBytes, canonicalText, goldenExtension, goldenValues } from "@zspine/conformance";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cbor } from "../../src/index.ts";

const folder = new URL("v1/", import.meta.url);
const serializer = (name: string) =>
  name === "compressed" ? cbor({ compression: "deflate" }) : cbor({ extensions: [goldenExtension] });
const read = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.bin`, folder)));

describe("cbor(), for ever", () => {
  it("H11 has the id 2 and the name cbor", () => {
    expect(cbor()).toMatchObject({ id: 2, name: "cbor" });
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
