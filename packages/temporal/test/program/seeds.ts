import { SeededRandom } from "@zspine/conformance";
import type { Placement } from "@zspine/core";
import { Mixer } from "../../../store/test/mixture/mixer.ts";
import { pressing, type Pressed } from "../../../store/test/placed/pressing.ts";
import type { ProgramMedium } from "./program-medium.ts";
import { TemporalProgram } from "./temporal-program.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/temporal/test/program/programs.test.ts`.
const only = process.env["ZSPINE_SEED"];

/** Where the seeds of programs begin, and how many there are; as many as each has where that is missing. */
export const SEEDS: { readonly first: number; readonly count: number | undefined } =
  only === undefined ? { first: 1, count: undefined } : { first: Number(only), count: 1 };

/** Runs the programs of seeds; every second one moves slots at random, two of twelve have long values. With `told` memory is placed. */
export async function runSeeds(
  medium: (random: SeededRandom) => ProgramMedium,
  first: number,
  last: number,
  told?: Pressed,
  steps = 50,
): Promise<Record<string, number>> {
  const met: Record<string, number> = {};
  for (let seed = first; seed <= last; seed++) {
    const mixer =
      seed % 2 === 0 ? new Mixer(new SeededRandom(seed * 7919), seed % 3 === 0 ? 0.9 : 0.2) : undefined;
    const program = new TemporalProgram(seed, medium, {
      steps,
      newPlacement: told === undefined ? undefined : placementsOf(seed, told),
      isLong: seed % 12 === 5 || seed % 12 === 8,
      mixer,
    });
    try {
      await program.run();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 3000) : String(cause);
      throw new Error(`seed ${seed} failed: ${why}`, { cause });
    }
    for (const [what, times] of Object.entries(program.met)) met[what] = (met[what] ?? 0) + times;
  }
  return met;
}

/** Of no byte up to more than there is, pressing at random. */
function placementsOf(seed: number, told: Pressed): () => Placement {
  const random = new SeededRandom(seed);
  return () => pressing(random.pick([0, 500, 5000, 1_000_000]), told, random);
}
