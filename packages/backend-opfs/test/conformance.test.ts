import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { defineOpfs } from "../src/opfs/opfs.ts";
import { capabilities } from "./capabilities.ts";
import { FakeOpfs } from "./fake-opfs.ts";

describe("opfs() proves the backend contract", () => {
  const opfs = defineOpfs(new FakeOpfs());
  const open = (location: string) => opfs({ location }).open();
  for (const { name, run } of backendCases({ capabilities, open })) it(name, run);
});
