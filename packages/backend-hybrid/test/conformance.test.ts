import { file } from "@zspine/backend-file";
import { backendCases } from "@zspine/conformance";
import type { OpenOptions } from "@zspine/core";
import { describe, it } from "vitest";
import { hybrid } from "../src/index.ts";
import { capabilities } from "../../backend-file/test/capabilities.ts";
import { scratchFolder } from "./scratch-folder.ts";

describe("hybrid() proves the backend contract", () => {
  const open = (place: string, how?: OpenOptions) =>
    hybrid({ cold: file({ location: `${scratchFolder}/${place}` }) }).open(how);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  for (const { name, run } of backendCases({ capabilities, open, turn })) it(name, run);
});
