import type { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { runPrograms, SEEDS, upTo } from "../../../temporal/test/program/drawn-programs.ts";
import {
  inMemory,
  inRetained,
  onDisk,
  onLosingDisk,
  type ProgramMedium,
} from "../../../temporal/test/program/program-medium.ts";
import { IndexProgram } from "./index-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/adapter-d2ts/test/program/index-programs.test.ts`.
const { first, count } = SEEDS;

function runSeeds(
  medium: (random: SeededRandom) => ProgramMedium,
  last: number,
): Promise<Record<string, number>> {
  return runPrograms((seed) => new IndexProgram(seed, medium), 60, last);
}

describe("indexes in programs that are drawn", () => {
  it(`O5 TraceIndex answers as its definition does, of seeds ${first} to ${upTo(4)}`, async () => {
    const met = await runSeeds(inMemory, upTo(4));
    if (count === undefined) expect(met["compact"]).toBeGreaterThan(15);
  });

  it(`O5 TraceIndex has what was committed after each kill, of seeds ${first} to ${upTo(5)}`, async () => {
    await runSeeds((random) => inRetained(random, false), upTo(5));
  });

  it(`O5 TraceIndex has what was committed over a medium whose calls fail, of seeds ${first} to ${upTo(4)}`, async () => {
    await runSeeds((random) => inRetained(random, true), upTo(4));
  });

  it(`O5 TraceIndex has what was committed after each power cut, of seeds ${first} to ${upTo(5)}`, async () => {
    await runSeeds(onLosingDisk, upTo(5));
  });

  it(`O5 TraceIndex answers as its definition does over files, of seeds ${first} to ${upTo(2)}`, async () => {
    await runSeeds(() => onDisk("file"), upTo(2));
  });
});
