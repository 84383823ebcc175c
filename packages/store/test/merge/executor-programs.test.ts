import { SeededRandom } from "@zspine/conformance";
import { expect, it } from "vitest";
import type { openStore } from "../../src/index.ts";
import { DurableProgram } from "../durable-program.ts";
import { RandomProgram } from "../random-program.ts";
import { openWithExecutor } from "./open-with-executor.ts";
import { RandomExecutor } from "./random-executor.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/merge/executor-programs.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? 60 : first;

/** Runs programs of all seeds over executors of their own; gives how often those paused, and failed. */
async function runSeeds(
  failureRate: number,
  run: (seed: number, open: typeof openStore) => Promise<void>,
): Promise<{ pauses: number; failures: number }> {
  const executors: RandomExecutor[] = [];
  for (let seed = first; seed <= last; seed++) {
    const random = new SeededRandom(seed * 7919);
    const open: typeof openStore = (options = {}) =>
      openWithExecutor(options, (environment) => {
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

it(`answers of a store in memory do not depend on who merges, in programs of seeds ${first} to ${last}`, async () => {
  const { pauses } = await runSeeds(0, (seed, open) =>
    new RandomProgram(seed, { steps: 60, groups: seed % 7, open }).run(),
  );
  if (only === undefined) expect(pauses).toBeGreaterThan(last / 2);
});

it(`C3 C14 a durable store is after each restart what the last acknowledged commit left, whoever merges and fails at it, in programs of seeds ${first} to ${last}`, async () => {
  const { pauses, failures } = await runSeeds(0.2, (seed, open) =>
    new DurableProgram(seed, { steps: 80, isFaulty: seed % 3 === 1, isBulky: seed % 40 === 0, open }).run(),
  );
  if (only === undefined) expect(Math.min(pauses, failures)).toBeGreaterThan(last / 2);
});
