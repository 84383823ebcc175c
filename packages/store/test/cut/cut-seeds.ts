import { expect } from "vitest";
import { CutProgram, type CutMutant } from "./cut-program.ts";

const STEPS = 34;

/** Runs the program of a seed, over a store that is right, or a mutant. */
export async function runSeed(seed: number, mutant?: CutMutant): Promise<CutProgram> {
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

/** Runs the programs of seeds, and fails unless they come to what they are for. */
export async function runSeeds(first: number, last: number): Promise<void> {
  const counts = { cuts: 0, failures: 0, passedOver: 0, compared: 0 };
  for (let seed = first; seed <= last; seed++) {
    const program = await runSeed(seed);
    counts.cuts += program.cuts;
    counts.passedOver += program.passedOver;
    counts.compared += program.holds.compared;
    counts.failures += program.medium.failures;
  }
  if (first === last) return;
  const seeds = last - first + 1;
  expect(counts.cuts).toBeGreaterThan(seeds * 3);
  expect(counts.compared).toBeGreaterThan(seeds * 1.5);
  expect(counts.failures).toBeGreaterThan(seeds * 0.7);
  expect(counts.passedOver).toBeGreaterThan(seeds * 0.2);
}
