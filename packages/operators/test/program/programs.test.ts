import { describe, expect, it } from "vitest";
import type { SeededRandom } from "@zspine/conformance";
import { runDrawn, SEEDS, upTo } from "../../../temporal/test/program/drawn-programs.ts";
import {
  inMemory,
  inRetained,
  onDisk,
  onLosingDisk,
  type ProgramMedium,
} from "../../../temporal/test/program/program-medium.ts";
import { PipelineProgram } from "./pipeline-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/operators/test/program/programs.test.ts`.
const { first, count } = SEEDS;

function runSeeds(
  medium: (random: SeededRandom) => ProgramMedium,
  last: number,
): Promise<Record<string, number>> {
  const run = async (seed: number): Promise<Readonly<Record<string, number>>> => {
    const program = new PipelineProgram(seed, medium, { steps: 25, operators: 3 + (seed % 6) });
    await program.run();
    return program.met;
  };
  return runDrawn(run, first, last);
}

describe("pipelines that are drawn", () => {
  it(`O1 step() gives what a recomputation gives, with retractions and negative weights, of seeds ${first} to ${upTo(60)}`, async () => {
    const met = await runSeeds(inMemory, upTo(60));
    if (count === undefined) expect(met["rewire"]).toBeGreaterThan(40);
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
