import { SeededRandom } from "@zspine/conformance";
import type { openStore } from "../../src/index.ts";
import { DurableProgram } from "../durable-program.ts";
import { RandomProgram } from "../random-program.ts";
import { openAssembled } from "../open-assembled.ts";
import { RandomExecutor } from "./random-executor.ts";

/** How often executors paused, and failed. */
interface Met {
  readonly pauses: number;
  readonly failures: number;
}

/** Runs programs of seeds over executors of their own. */
async function runSeeds(
  first: number,
  last: number,
  failureRate: number,
  run: (seed: number, open: typeof openStore) => Promise<void>,
): Promise<Met> {
  const executors: RandomExecutor[] = [];
  for (let seed = first; seed <= last; seed++) {
    const random = new SeededRandom(seed * 7919);
    const open: typeof openStore = (options = {}) =>
      openAssembled(options, (environment) => {
        const executor = new RandomExecutor(random, environment, failureRate);
        executors.push(executor);
        return executor;
      });
    try {
      await run(seed, open);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 2000) : String(cause);
      throw new Error(`seed ${seed} failed: ${why}`, { cause });
    }
  }
  const count = (name: "pauses" | "failures"): number =>
    executors.reduce((sum, executor) => sum + executor[name], 0);
  return { pauses: count("pauses"), failures: count("failures") };
}

/** Runs programs of seeds on stores in memory whose merges an executor does. */
export function runInMemory(first: number, last: number): Promise<Met> {
  return runSeeds(first, last, 0, (seed, open) =>
    new RandomProgram(seed, { steps: 60, groups: seed % 7, open }).run(),
  );
}

/** Runs programs of seeds, with crashes and restarts, on durable stores whose merges an executor does or fails at. */
export function runDurable(first: number, last: number): Promise<Met> {
  return runSeeds(first, last, 0.2, (seed, open) =>
    new DurableProgram(seed, { steps: 80, isFaulty: seed % 3 === 1, isBulky: seed % 40 === 0, open }).run(),
  );
}
