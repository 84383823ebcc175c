import { describe, expect, it } from "vitest";
import type { SeededRandom } from "@zspine/conformance";
import {
  inMemory,
  inRetained,
  onDisk,
  onLosingDisk,
  type ProgramMedium,
} from "../../../temporal/test/program/program-medium.ts";
import { PipelineProgram } from "./pipeline-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/operators/test/program/programs.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const upTo = (seeds: number): number => (only === undefined ? seeds : first);

async function runSeeds(
  medium: (random: SeededRandom) => ProgramMedium,
  last: number,
): Promise<Record<string, number>> {
  const met: Record<string, number> = {};
  for (let seed = first; seed <= last; seed++) {
    const program = new PipelineProgram(seed, medium, { steps: 25, operators: 3 + (seed % 6) });
    try {
      await program.run();
    } catch (cause) {
      throw new Error(`seed ${seed} failed: ${(cause as Error).message}`, { cause });
    }
    for (const [what, times] of Object.entries(program.met)) met[what] = (met[what] ?? 0) + times;
  }
  return met;
}

describe("pipelines that are drawn", () => {
  it(`O1 step() gives what a recomputation gives, with retractions and negative weights, of seeds ${first} to ${upTo(60)}`, async () => {
    const met = await runSeeds(inMemory, upTo(60));
    if (only === undefined) expect(met["rewire"]).toBeGreaterThan(40);
  });

  it(`O3 step() is there whole or not at all after each kill, of seeds ${first} to ${upTo(25)}`, async () => {
    await runSeeds((random) => inRetained(random, false), upTo(25));
  });

  it(`O3 step() is there whole or not at all over a medium whose calls fail, of seeds ${first} to ${upTo(25)}`, async () => {
    await runSeeds((random) => inRetained(random, true), upTo(25));
  });

  it(`O3 step() is there whole or not at all after each power cut, of seeds ${first} to ${upTo(25)}`, async () => {
    await runSeeds(onLosingDisk, upTo(25));
  });

  it(`O1 step() gives what a recomputation gives over files, of seeds ${first} to ${upTo(3)}`, async () => {
    await runSeeds(() => onDisk("file"), upTo(3));
  });
});
