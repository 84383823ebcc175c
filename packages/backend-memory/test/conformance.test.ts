import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { memory } from "../src/index.ts";
import { capabilities } from "./capabilities.ts";

describe("memory() proves the backend contract", () => {
  for (const { name, run } of backendCases({ capabilities, open: () => memory() })) it(name, run);
});
