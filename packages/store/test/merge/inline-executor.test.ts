import { describe, expect, it } from "vitest";
import { InlineExecutor } from "../../src/merge/inline-executor.ts";
import type { SpineMerge } from "../../src/merge/spine.ts";

/** A merge that notes when it is worked on, by its name and with how much fuel. */
function mergeOf(name: string, log: string[], act: () => void = () => undefined): SpineMerge {
  const work = (fuel: number): number => {
    log.push(`${name} ${fuel}`);
    act();
    return 0;
  };
  return { merge: { work }, spine: {} } as unknown as SpineMerge;
}

/** An executor whose clock moves on by 1 ms each time it is read, in slices of 2 ms. */
function newExecutor(log: string[]): InlineExecutor {
  let nowMs = 0;
  const environment = {
    now: () => ++nowMs,
    random: () => 0,
    schedule: (task: () => void) => {
      log.push("turn");
      task();
      return () => undefined;
    },
    io: <T>(backend: T) => backend,
  };
  const executor = new InlineExecutor(environment, 2);
  executor.begin();
  return executor;
}

async function run(
  executor: InlineExecutor,
  round: readonly SpineMerge[],
  fail: (merge: SpineMerge, error: unknown) => void = (_merge, error) => {
    throw error;
  },
): Promise<void> {
  for (const pause of executor.work(round, fail)) await pause;
}

describe("InlineExecutor", () => {
  it("gives each merge of a round the same share, and others their turn when a slice is over", async () => {
    const log: string[] = [];
    const executor = newExecutor(log);
    const round = ["a", "b", "c"].map((name) => mergeOf(name, log));
    await run(executor, round);
    expect(log).toEqual(["a 8192", "b 8192", "turn", "c 8192"]);
  });

  it("goes on with the slice in the next round, for small rounds must not hold up others either", async () => {
    const log: string[] = [];
    const executor = newExecutor(log);
    for (let round = 0; round < 4; round++) await run(executor, [mergeOf(`${round}`, log)]);
    expect(log).toEqual(["0 8192", "1 8192", "turn", "2 8192", "3 8192", "turn"]);
  });

  it("leaves a merge as it is that its spine lets go of while others have their turn", async () => {
    const log: string[] = [];
    const executor = newExecutor(log);
    const round = ["a", "b", "c", "d"].map((name) => mergeOf(name, log));
    for (const pause of executor.work(round, () => undefined)) {
      await pause;
      round[2]!.spine = undefined;
    }
    expect(log.filter((line) => line !== "turn")).toEqual(["a 8192", "b 8192", "d 8192"]);
  });

  it("tells of a merge that fails, and goes on with the others", async () => {
    const log: string[] = [];
    const executor = newExecutor(log);
    const error = new Error("of the test");
    const failing = mergeOf("failing", log, () => {
      throw error;
    });
    const failed: unknown[] = [];
    await run(executor, [failing, mergeOf("b", log)], (...failure) => failed.push(failure));
    expect(failed).toEqual([[failing, error]]);
    expect(log).toContain("b 8192");
  });

  it("ends the round when it is stopped meanwhile", async () => {
    const log: string[] = [];
    const executor = newExecutor(log);
    const round = ["a", "b", "c"].map((name) => mergeOf(name, log));
    for (const pause of executor.work(round, () => undefined)) {
      executor.stop();
      await pause;
    }
    expect(log).toEqual(["a 8192", "b 8192", "turn"]);
  });
});
