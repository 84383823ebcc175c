import { backendCases } from "@zspine/conformance";
import type { OpenOptions } from "@zspine/core";
import { describe, it } from "vitest";
import { FakeS3 } from "../src/fake.ts";
import { s3 } from "../src/index.ts";
import { capabilities } from "./capabilities.ts";

describe("s3() proves the backend contract", () => {
  const fake = new FakeS3();
  const open = (prefix: string, how?: OpenOptions) => s3({ ...fake.options, prefix }).open(how);
  for (const { name, run } of backendCases({ capabilities, open })) it(name, run);
});
