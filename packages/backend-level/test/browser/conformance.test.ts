import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { level } from "../../src/index.browser.ts";
import { capabilitiesInBrowser } from "../capabilities.ts";

describe.each([{ keeps: true }, { keeps: false }])("W1 level(%o) over IndexedDB", ({ keeps }) => {
  const run = crypto.randomUUID();
  const open = (place: string) => level({ location: `${run}/${place}`, keeps }).open();
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
  const capabilities = { ...capabilitiesInBrowser, durable: keeps };
  for (const { name, run: prove } of backendCases({ capabilities, open, turn })) it(name, prove);
});
