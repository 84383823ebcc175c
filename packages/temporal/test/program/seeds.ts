import { SeededRandom } from "@zspine/conformance";
import type { Placement } from "@zspine/core";
import { Mixer } from "../../../store/test/mixture/mixer.ts";
import { pressing, type Pressed } from "../../../store/test/placed/pressing.ts";
import { runDrawn } from "./drawn-programs.ts";
import type { ProgramMedium } from "./program-medium.ts";
import { TemporalProgram } from "./temporal-program.ts";

/** Runs the programs of seeds; every second one moves slots at random, two of twelve have long values. With `told` memory is placed. */
export async function runSeeds(
  medium: (random: SeededRandom) => ProgramMedium,
  first: number,
  last: number,
  told?: Pressed,
  steps = 50,
): Promise<Record<string, number>> {
  const run = async (seed: number): Promise<Readonly<Record<string, number>>> => {
    const mixer =
      seed % 2 === 0 ? new Mixer(new SeededRandom(seed * 7919), seed % 3 === 0 ? 0.9 : 0.2) : undefined;
    const program = new TemporalProgram(seed, medium, {
      steps,
      newPlacement: told === undefined ? undefined : placementsOf(seed, told),
      isLong: seed % 12 === 5 || seed % 12 === 8,
      mixer,
    });
    await program.run();
    return program.met;
  };
  return runDrawn(run, first, last);
}

/** Of no byte up to more than there is, pressing at random. */
function placementsOf(seed: number, told: Pressed): () => Placement {
  const random = new SeededRandom(seed);
  return () => pressing(random.pick([0, 500, 5000, 1_000_000]), told, random);
}
