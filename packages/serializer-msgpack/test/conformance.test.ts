import { formatCases, serializerCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { msgpack } from "../src/index.ts";

const seed = 1;
const compressing = msgpack({ compression: "deflate", compressionMinBytes: 0 });

describe.each([msgpack(), compressing])("$name proves the serializer contract", (serializer) => {
  for (const { name, run } of serializerCases({ serializer, seed })) it(name, run);
});

describe("msgpack() proves its options", () => {
  for (const { name, run } of formatCases({ create: msgpack, seed })) it(name, run);
});
