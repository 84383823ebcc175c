import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { level } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { scratch } from "../scratch.ts";

describe("level({ keeps: false }) proves the backend contract R17", () => {
  const place = scratch();
  const open = (name: string) => level({ location: place(name), keeps: false }).open();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const ofScratch = { ...capabilities, durable: false };
  for (const { name, run } of backendCases({ capabilities: ofScratch, open, turn })) it(name, run);
});
