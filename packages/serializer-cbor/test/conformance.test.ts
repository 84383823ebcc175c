import { formatCases, serializerCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { cbor } from "../src/index.ts";

const seed = 1;
const compressing = cbor({ compression: "deflate", compressionMinBytes: 0 });

describe.each([cbor(), compressing])("$name proves the serializer contract", (serializer) => {
  for (const { name, run } of serializerCases({ serializer, seed })) it(name, run);
});

describe("cbor() proves its options", () => {
  for (const { name, run } of formatCases({ create: cbor, seed })) it(name, run);
});
