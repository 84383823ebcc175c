import { describe, expect, it } from "vitest";
import { CUT_MUTANTS } from "./cut-mutants.ts";
import { CutProgram, type CutMutant } from "./cut-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/cut/cut.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? Number(process.env["ZSPINE_SEEDS"] ?? 300) : first;
const STEPS = 30;
const MUTANT_SEEDS = 300;

async function runSeed(seed: number, mutant?: CutMutant): Promise<CutProgram> {
  const program = new CutProgram(seed, mutant);
  try {
    await program.run(STEPS);
  } catch (cause) {
    const again = `ZSPINE_SEED=${seed} npx vitest run packages/store/test/cut/cut.test.ts`;
    const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
    throw new Error(`seed ${seed} failed, again with: ${again}: ${why}`, { cause });
  }
  return program;
}

describe("a store on a medium that loses what was not synced", () => {
  it(
    `C24 C25 C26 opens by itself after any power cut, at the last synced commit or later, in programs of seeds ${first} to ${last}`,
    { timeout: 600_000 },
    async () => {
      const counts = { cuts: 0, failures: 0, passedOver: 0, compared: 0 };
      for (let seed = first; seed <= last; seed++) {
        const program = await runSeed(seed);
        counts.cuts += program.cuts;
        counts.passedOver += program.passedOver;
        counts.compared += program.holds.compared;
        counts.failures += program.medium.failures;
      }
      if (only !== undefined) return;
      // So that it is seen that the programs come to what they are for.
      const seeds = last - first + 1;
      expect(counts.cuts).toBeGreaterThan(seeds * 3);
      expect(counts.compared).toBeGreaterThan(seeds * 2);
      expect(counts.failures).toBeGreaterThan(seeds * 0.7);
      expect(counts.passedOver).toBeGreaterThan(seeds * 0.2);
    },
  );

  it("takes the same course when it runs again from the same seed", async () => {
    for (const seed of [1, 2, 3]) {
      const [a, b] = [await runSeed(seed), await runSeed(seed)];
      expect([a.environment.digest, a.medium.changes]).toEqual([b.environment.digest, b.medium.changes]);
    }
  });

  const mutants = CUT_MUTANTS.map((mutant) => [mutant.law, mutant.name, mutant] as const);
  it.each(mutants)("%s is caught when it %s", { timeout: 600_000 }, async (_law, _name, mutant) => {
    const find = async (): Promise<void> => {
      for (let seed = 1; seed <= MUTANT_SEEDS; seed++) await runSeed(seed, mutant);
    };
    await expect(find()).rejects.toThrow(/is missing|reopened, found|is no head|fails its checksum|bytes, /);
  });
});
