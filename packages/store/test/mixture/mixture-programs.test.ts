import { SeededRandom } from "@zspine/conformance";
import { expect, it } from "vitest";
import { DurableProgram } from "../durable-program.ts";
import { RandomProgram } from "../random-program.ts";
import { Mixer, type Moves } from "./mixer.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/mixture/mixture-programs.test.ts`.
const only = process.env["ZSPINE_SEED"];
const SEEDS = Number(process.env["ZSPINE_SEEDS"] ?? 100);
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? SEEDS : first;
const AGREEMENT_STEPS = 5000;

/** Runs programs of all seeds, each with moves of its own. */
async function runSeeds(run: (seed: number, mixer: Mixer) => Promise<void>): Promise<Moves> {
  const moves: Moves = { spill: 0, drop: 0, load: 0 };
  for (let seed = first; seed <= last; seed++) {
    const mixer = new Mixer(new SeededRandom(seed * 7919), seed % 3 === 0 ? 0.9 : 0.2);
    try {
      await run(seed, mixer);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
      throw new Error(`seed ${seed} failed: ${why}`, { cause });
    }
    for (const move of ["spill", "drop", "load"] as const) moves[move] += mixer.moves[move];
  }
  return moves;
}

it(
  `answers of a store in memory do not depend on where its slots are, in programs of seeds ${first} to ${last}`,
  { timeout: 600_000 },
  async () => {
    const { spill, drop, load } = await runSeeds((seed, mixer) =>
      new RandomProgram(seed, { steps: 60, groups: seed % 7, mixer }).run(),
    );
    if (only === undefined) expect(Math.min(spill, drop, load)).toBeGreaterThan(SEEDS);
  },
);

it(
  `C3 C14 a durable store is after each crash and restart what the last acknowledged commit left, wherever its slots were, in programs of seeds ${first} to ${last}`,
  { timeout: 600_000 },
  async () => {
    const { spill, drop, load } = await runSeeds((seed, mixer) => {
      const isBulky = seed % 40 === 0;
      const options = { steps: isBulky ? 40 : 80, isFaulty: seed % 3 === 1, isBulky, mixer };
      return new DurableProgram(seed, options).run();
    });
    if (only === undefined) expect(Math.min(spill, drop, load)).toBeGreaterThan(SEEDS);
  },
);

it(
  `a store whose slots are moved agrees with a reference over ${AGREEMENT_STEPS} random steps`,
  { timeout: 600_000 },
  async () => {
    const mixer = new Mixer(new SeededRandom(3), 0.2);
    const program = new RandomProgram(20261122, { steps: AGREEMENT_STEPS, groups: 2, mixer });
    await expect(program.run()).resolves.toBeUndefined();
  },
);
