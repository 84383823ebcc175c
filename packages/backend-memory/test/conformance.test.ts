import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { memory } from "../src/index.ts";

describe("memory() proves the backend contract", () => {
  const { capabilities } = memory();
  for (const { name, run } of backendCases({ capabilities, open: () => memory() })) it(name, run);
});
