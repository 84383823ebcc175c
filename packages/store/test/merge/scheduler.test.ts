import { memory } from "@zspine/backend-memory";
import { SeededRandom, SimulatedEnvironment } from "@zspine/conformance";
import { layoutOf, type Layout } from "@zspine/core";
import { Batch, Staging } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { tiered } from "../../src/index.ts";
import { Boundaries } from "../../src/merge/boundaries.ts";
import type { Executor } from "../../src/merge/executor.ts";
import { InlineExecutor } from "../../src/merge/inline-executor.ts";
import { Scheduler } from "../../src/merge/scheduler.ts";
import { Spine } from "../../src/merge/spine.ts";
import { MemorySink } from "../../src/tier/batch-sink.ts";
import { Ledger } from "../../src/tier/ledger.ts";
import { Loader } from "../../src/tier/loader.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";
import { RandomExecutor } from "./random-executor.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());
const never = (): boolean => false;

/** Spines with random batches, of which merges are due, and the scheduler of all of them. */
function newScheduled(seed: number, newExecutor: (environment: SimulatedEnvironment) => Executor) {
  const environment = new SimulatedEnvironment(seed);
  const random = new SeededRandom(seed);
  const keeper = new ValueKeeper(() => undefined);
  const failures: unknown[] = [];
  const spines = Array.from({ length: 4 }, () => {
    const boundaries = new Boundaries();
    const spine = new Spine({
      owner: { name: "t", layout },
      strategy: tiered({ fanout: 2 }),
      boundaries,
      keeper,
      newSink: () => new MemorySink(layout),
      lens: () => undefined,
      onMerge: () => undefined,
      onLoss: () => undefined,
      onFailure: (error) => failures.push(error),
    });
    const count = random.int(2, 9);
    for (let lower = 0; lower < count; lower++) {
      const staging = new Staging(layout);
      for (let rows = random.int(1, 1000); rows > 0; rows--)
        staging.push(random.int(0, 2000), random.int(0, 1), random.pick([-1, 1, 2]));
      const batch = Batch.of(layout, staging.seal());
      spine.insert({ batch, file: undefined, lower, upper: lower + 1 });
    }
    return spine;
  });
  const backend = memory();
  let rests = 0;
  const scheduler = new Scheduler({
    backend,
    environment,
    executor: newExecutor(environment),
    mergesMax: () => Infinity,
    loader: new Loader(backend, new Ledger(0), []),
    keeper,
    merged: { bytesWritten: 0, unnamedBytes: 0 },
    traces: () => [{ isDropped: false, spines }],
    whole: (work) => work(),
    onFinish: () => Promise.resolve(),
    onRest: () => void rests++,
  });
  return {
    environment,
    scheduler,
    spines,
    failures,
    rests: () => rests,
    isDue: () => spines.some((spine) => spine.merges.size > 0),
    finish: () => environment.run(scheduler.runUntil(never, undefined)),
  };
}

/** Gives the sum of the batches of a spine, as text. */
function sumOf(spine: Spine): string {
  const sum = new Map<string, number>();
  for (const { batch } of spine.entries) {
    for (const { columns, weights } of batch.parts) {
      weights.forEach((weight, row) => {
        const name = columns.map(({ heads }) => heads[row]).join();
        sum.set(name, (sum.get(name) ?? 0) + weight);
      });
    }
  }
  return JSON.stringify([...sum].filter(([, weight]) => weight !== 0).sort());
}

describe("Scheduler", () => {
  it("comes to the same sums, with nothing left to be merged, whatever order and shares an executor works in", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const inline = newScheduled(seed, (environment) => new InlineExecutor(environment, 1));
      let executor: RandomExecutor | undefined;
      const other = newScheduled(
        seed,
        (environment) => (executor = new RandomExecutor(new SeededRandom(seed), environment)),
      );
      const sums = inline.spines.map(sumOf);
      for (const { finish, spines, isDue, rests } of [inline, other]) {
        await finish();
        expect(spines.map(sumOf), `seed ${seed}`).toEqual(sums);
        expect([isDue(), rests()], `seed ${seed}`).toEqual([false, 1]);
      }
      expect(executor!.pauses, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it("L2 gives up the merges that an executor fails at, keeps their rows, and tells of each", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      let executor: RandomExecutor | undefined;
      const { spines, finish, failures, isDue } = newScheduled(
        seed,
        (environment) => (executor = new RandomExecutor(new SeededRandom(seed), environment, 0.2)),
      );
      const sums = spines.map(sumOf);
      for (let tries = 0; isDue(); tries++) {
        const told = failures.length;
        const outcome = await finish().catch((error: unknown) => error);
        expect(outcome, `seed ${seed}`).toBe(failures.slice(told).at(-1));
        expect(tries).toBeLessThan(100);
      }
      expect(spines.map(sumOf), `seed ${seed}`).toEqual(sums);
      expect(failures.length, `seed ${seed}`).toBe(executor!.failures);
    }
  });

  it("keeps the merges of an executor that fails as a whole, and rejects until it is sound", async () => {
    const error = new Error("of the executor's");
    let isSound = false;
    const { spines, finish, isDue, rests } = newScheduled(1, (environment) => {
      const sound = new InlineExecutor(environment, 1);
      return {
        begin: () => sound.begin(),
        work: (...round) => (isSound ? sound.work(...round) : [Promise.reject(error)]),
        stop: () => sound.stop(),
      };
    });
    const sums = spines.map(sumOf);
    await expect(finish()).rejects.toBe(error);
    expect([isDue(), rests()]).toEqual([true, 0]);
    isSound = true;
    await finish();
    expect([isDue(), rests()]).toEqual([false, 1]);
    expect(spines.map(sumOf)).toEqual(sums);
  });

  it("tells the executor when it is stopped, and begins no other round", async () => {
    const calls: string[] = [];
    const { scheduler, environment, isDue } = newScheduled(1, () => ({
      begin: () => void calls.push("begin"),
      *work() {
        calls.push("work");
        yield Promise.resolve();
        calls.push("end");
      },
      stop: () => void calls.push("stop"),
    }));
    const waits = scheduler.runUntil(() => calls.includes("work"), undefined);
    await environment.run(waits.then(() => scheduler.stop()));
    expect(calls.filter((call) => call !== "end")).toEqual(["begin", "work", "stop"]);
    expect(isDue()).toBe(true);
  });
});
