import { backendCases } from "@zspine/conformance";
import type { OpenOptions } from "@zspine/core";
import { describe, it } from "vitest";
import { file } from "../src/index.ts";
import { capabilities } from "./capabilities.ts";
import { scratchFolder } from "./scratch-folder.ts";

describe("file() proves the backend contract", () => {
  const open = (place: string, options?: OpenOptions) =>
    file({ location: `${scratchFolder}/${place}` }).open(options);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  for (const { name, run } of backendCases({ capabilities, open, turn })) it(name, run);
});
