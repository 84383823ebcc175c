import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { afterEach, expect, it, vi } from "vitest";
import { createBudget, hybrid, memoryMonitor } from "../src/index.browser.ts";

afterEach(() => vi.unstubAllGlobals());

it("R1 R19 what a browser takes does without what no browser tells", async () => {
  // Some tell the memory of the device.
  vi.stubGlobal("navigator", {});
  using monitor = memoryMonitor();
  expect(monitor.read()).toMatchObject({ residentBytes: undefined, usedBytes: undefined });
  const budget = createBudget({ bytes: "auto" });
  expect([budget.bytes, budget.stats().unaccountedBytes]).toEqual([256 * 2 ** 20, undefined]);
  await using backend = await hybrid({ cold: { ...forward(memory()), type: "mine" }, budget }).open();
  expect(backend.placement).toBe(budget);
});
