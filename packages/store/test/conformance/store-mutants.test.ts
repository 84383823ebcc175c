import { describe, expect, it } from "vitest";
import { expectCaught, mutants } from "./caught-mutant.ts";

// All of them run in the long tests.
const some = mutants.filter((_, n) => n % 8 === 0);

describe("storeCases() catches a store that", () => {
  it.each(some)("$name, for $law", expectCaught);
});

describe("storeMutants()", () => {
  it("breaks a store in more than seventy ways, each with a name of its own", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThan(70);
  });
});
