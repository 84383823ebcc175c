import type { Case } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { memory } from "@zspine/backend-memory";
import { openStore } from "../../src/index.ts";
import { storeCases, storeMutants, type StoreSuiteOptions } from "../../src/conformance/index.ts";

const options: StoreSuiteOptions = {
  capabilities: memory().capabilities,
  open: (given) => openStore({ backend: memory(), ...given }),
};
const mutants = storeMutants(options);

/** Runs cases until one fails, and gives that one with its error. */
async function firstToFail(cases: readonly Case[]): Promise<{ name: string; error: unknown } | undefined> {
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      return { name, error };
    }
  }
  return undefined;
}

describe("storeCases() catches a store that", () => {
  it.each(mutants)("$name, for $law", async (mutant) => {
    const caught = await firstToFail(storeCases(mutant.options));
    expect(caught?.error).toMatchObject({ name: "AssertionFailure" });
    // By the mutant's fault, that is: the correct store passes the same case.
    const same = storeCases(options).filter(({ name }) => name === caught?.name);
    expect(await firstToFail(same)).toBeUndefined();
  });
});

describe("storeMutants()", () => {
  it("breaks a store in more than seventy ways, each with a name of its own", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThan(70);
  });
});
