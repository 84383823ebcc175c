import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { level } from "../src/index.ts";
import { capabilities } from "./capabilities.ts";
import { scratch } from "./scratch.ts";

describe("level() proves the backend contract", () => {
  const place = scratch();
  const open = (name: string) => level({ location: place(name) }).open();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  for (const { name, run } of backendCases({ capabilities, open, turn })) it(name, run);
});
