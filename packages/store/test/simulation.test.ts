import { describe, expect, it } from "vitest";
import { RandomProgram } from "./random-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/simulation.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? 1000 : first;

const FAULTS = { rate: 0.15, types: ["before", "after", "full"] as const };

async function runSeed(seed: number): Promise<RandomProgram> {
  const faults = seed % 2 === 0 ? { faults: FAULTS } : {};
  const program = new RandomProgram(seed, { steps: 60, groups: seed % 7, ...faults });
  try {
    await program.run();
  } catch (cause) {
    throw new Error(
      `seed ${seed} failed; again with: ZSPINE_SEED=${seed} npx vitest run packages/store/test/simulation.test.ts`,
      { cause },
    );
  }
  return program;
}

describe("a simulated store", () => {
  it(
    `answers as the reference does in random programs of seeds ${first} to ${last}, every second one with faults`,
    { timeout: 600_000 },
    async () => {
      for (let seed = first; seed <= last; seed++) await runSeed(seed);
    },
  );

  it("takes the same course when it runs again from the same seed", async () => {
    for (const seed of [2, 3]) {
      const [a, b] = [await runSeed(seed), await runSeed(seed)];
      expect(a.environment.digest).toBe(b.environment.digest);
      expect(a.environment.steps).toBe(b.environment.steps);
    }
  });
});
