import { describe, it } from "vitest";
import { casesOverFake } from "./store-suite.ts";

describe("L16 a store over s3(), all cases", () => {
  for (const { name, run } of casesOverFake("all")) it(name, run);
});
