import { orderedKeys } from "@zspine/core";
import { describe, it } from "vitest";
import { serializerCases } from "../../src/index.ts";

// Here, because `core` must not depend on the suite, which depends on `core`.
describe("orderedKeys() proves the serializer contract", () => {
  for (const { name, run } of serializerCases({ serializer: orderedKeys() })) it(`H9 ${name}`, run);
});
