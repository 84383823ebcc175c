import type { Case } from "../../src/index.ts";

/** Runs cases one after another until one fails, and gives its error; `undefined` when none does. */
export async function firstFailure(cases: readonly Case[]): Promise<unknown> {
  for (const { run } of cases) {
    try {
      await run();
    } catch (error) {
      return error;
    }
  }
  return undefined;
}
