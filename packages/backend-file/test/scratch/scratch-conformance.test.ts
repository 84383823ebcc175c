import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { file } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { scratchFolder } from "../scratch-folder.ts";

describe("file({ keeps: false }) proves the backend contract R17", () => {
  const open = (place: string) => file({ location: `${scratchFolder}/${place}`, keeps: false }).open();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const ofScratch = { ...capabilities, durable: false, guests: false };
  for (const { name, run } of backendCases({ capabilities: ofScratch, open, turn })) it(name, run);
});
