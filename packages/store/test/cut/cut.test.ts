import { describe, expect, it } from "vitest";
import { CUT_MUTANTS } from "./cut-mutants.ts";
import { runSeed, runSeeds } from "./cut-seeds.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/cut/cut.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? Number(process.env["ZSPINE_SEEDS"] ?? 50) : first;
const MUTANT_SEEDS = 300;

describe("a store on a medium that loses what was not synced", () => {
  it(`C24 C25 C26 opens by itself after any power cut, at the last synced commit or later, in programs of seeds ${first} to ${last}`, async () => {
    await runSeeds(first, last);
  });

  it("takes the same course when it runs again from the same seed", async () => {
    for (const seed of [1, 2, 3]) {
      const [a, b] = [await runSeed(seed), await runSeed(seed)];
      expect([a.environment.digest, a.medium.changes]).toEqual([b.environment.digest, b.medium.changes]);
    }
  });

  const mutants = CUT_MUTANTS.map((mutant) => [mutant.law, mutant.name, mutant] as const);
  it.each(mutants)("%s is caught when it %s", async (_law, _name, mutant) => {
    const find = async (): Promise<void> => {
      for (let seed = 1; seed <= MUTANT_SEEDS; seed++) await runSeed(seed, mutant);
    };
    await expect(find()).rejects.toThrow(
      /is missing|reopened, found|is no head|fails its checksum|bytes, |hold \w+ is of undefined/,
    );
  });
});
