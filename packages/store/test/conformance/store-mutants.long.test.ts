import { describe, it } from "vitest";
import { expectCaught, mutants } from "./caught-mutant.ts";

describe("storeCases() catches a store that", () => {
  it.each(mutants)("$name, for $law", expectCaught);
});
