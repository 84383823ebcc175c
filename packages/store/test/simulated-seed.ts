import { RandomProgram } from "./random-program.ts";

const FAULTS = { rate: 0.15, types: ["before", "after", "full"] as const };

/** Runs the program of a seed; every second one has faults. */
export async function runSeed(seed: number): Promise<RandomProgram> {
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
