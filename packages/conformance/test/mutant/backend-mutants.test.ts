import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import { backendCases, backendMutants, retained, type BackendSuiteOptions } from "../../src/index.ts";
import { firstFailure } from "../case/first-failure.ts";

const media: Record<string, BackendSuiteOptions> = {
  "in memory": { capabilities: memory().capabilities, open: () => memory() },
  durable: retained(memory),
  "durable and shared": retained(memory, { shared: true }),
};

const caught = new Set<string>();

for (const [medium, options] of Object.entries(media)) {
  // A mutant that another medium has shown already is not tried again.
  const mutants = backendMutants(options).filter(({ name }) => !caught.has(name) && caught.add(name));

  describe(`backendCases() passes the correct backend, ${medium}:`, () => {
    for (const { name, run } of backendCases(options)) it(name, run);
  });

  describe(`backendCases() catches a backend, ${medium}, that`, () => {
    it.each(mutants)("$name, for $law", async (mutant) => {
      const failure = await firstFailure(backendCases(mutant.options));
      expect(failure).toMatchObject({ name: "AssertionFailure" });
    });
  });
}

describe("backendMutants()", () => {
  it("breaks a backend in more than a hundred ways, each with a name of its own", () => {
    expect(caught.size).toBeGreaterThan(100);
    for (const options of Object.values(media)) {
      const names = backendMutants(options).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
