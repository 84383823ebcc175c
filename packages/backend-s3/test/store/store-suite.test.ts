import { describe, it } from "vitest";
import { casesOverFake } from "./store-suite.ts";

// All of them run in the long tests.
describe("L16 a store over s3(), every third of the quick cases", () => {
  const quick = casesOverFake("quick");
  for (const { name, run } of quick.filter((_, n) => n % 3 === 0)) it(name, run);
});
