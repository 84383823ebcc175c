import { SeededRandom } from "@zspine/conformance";
import { DurableProgram } from "../durable-program.ts";
import { RandomProgram } from "../random-program.ts";
import { Mixer, type Moves } from "./mixer.ts";

/** Runs programs of seeds, each with moves of its own; gives how often each move was made. */
async function runSeeds(
  first: number,
  last: number,
  run: (seed: number, mixer: Mixer) => Promise<void>,
): Promise<Moves> {
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

/** Runs programs of seeds on stores in memory whose slots are moved. */
export function runInMemory(first: number, last: number): Promise<Moves> {
  return runSeeds(first, last, (seed, mixer) =>
    new RandomProgram(seed, { steps: 60, groups: seed % 7, mixer }).run(),
  );
}

/** Runs programs of seeds, with crashes and restarts, on durable stores whose slots are moved. */
export function runDurable(first: number, last: number): Promise<Moves> {
  return runSeeds(first, last, (seed, mixer) => {
    const isBulky = seed % 40 === 0;
    const options = { steps: isBulky ? 40 : 80, isFaulty: seed % 3 === 1, isBulky, mixer };
    return new DurableProgram(seed, options).run();
  });
}

/** Runs one program of so many steps on a store whose slots are moved. */
export function runSteps(steps: number): Promise<void> {
  const mixer = new Mixer(new SeededRandom(3), 0.2);
  return new RandomProgram(20261122, { steps, groups: 2, mixer }).run();
}
