import { memory } from "@zspine/backend-memory";
import type { Case } from "@zspine/conformance";
import { expect } from "vitest";
import {
  storeCases,
  storeMutants,
  type StoreMutant,
  type StoreSuiteOptions,
} from "../../src/conformance/index.ts";
import { openStore } from "../../src/index.ts";

const options: StoreSuiteOptions = {
  capabilities: memory().capabilities,
  open: (given) => openStore({ backend: memory(), ...given }),
};
export const mutants = storeMutants(options);

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

/** Fails unless a case of the suite fails for a mutant, by the mutant's fault: the correct store passes that case. */
export async function expectCaught(mutant: StoreMutant): Promise<void> {
  const caught = await firstToFail(storeCases(mutant.options));
  expect(caught?.error).toMatchObject({ name: "AssertionFailure" });
  const same = storeCases(options).filter(({ name }) => name === caught?.name);
  expect(await firstToFail(same)).toBeUndefined();
}
