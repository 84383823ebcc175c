// @ts-check
import { expect, test } from "vitest";
import { checkPlugins } from "../check-plugins.mjs";

const path = "packages/backend-level/test/conformance.test.ts";
const calling = `import { backendSuite } from "@zspine/conformance";\n`;

test("checkPlugins() accepts a plugin that calls its suite in 15 lines", () => {
  const files = new Map([[path, calling + "call();\n".repeat(14)]]);
  expect(checkPlugins(["core", "backend-level"], files).errors).toEqual([]);
});

test("checkPlugins() refuses a plugin without the test", () => {
  expect(checkPlugins(["serializer-cbor"], new Map()).errors).toEqual([
    "packages/serializer-cbor/test/conformance.test.ts: is missing; a plugin is proved by its suite",
  ]);
});

test("checkPlugins() refuses a test that is long or imports no suite", () => {
  expect(checkPlugins(["backend-level"], new Map([[path, "call();\n".repeat(16)]])).errors).toEqual([
    `${path}: 16 lines, at most 15`,
    `${path}: does not import @zspine/conformance`,
  ]);
});
