import { turn, type Environment } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import { simulatedEnvironment, type SimulationOptions } from "../../src/index.ts";

/** Lets five workers work for a while side by side; tells in which order their steps came. */
async function work(environment: Environment): Promise<string[]> {
  const backend = environment.io(memory());
  const events: string[] = [];
  const worker = async (name: string): Promise<void> => {
    for (let step = 0; step < 10; step++) {
      await turn(environment, environment.random() % 3);
      const outcome = await backend.write([]).then(
        () => "done",
        () => "failed",
      );
      events.push(`${name}${step} ${outcome} at ${environment.now()}`);
    }
  };
  await Promise.all(["a", "b", "c", "d", "e"].map(worker));
  return events;
}

async function simulate(
  seed: number,
  options?: SimulationOptions,
): Promise<{ events: string[]; digest: number }> {
  const environment = simulatedEnvironment(seed, options);
  const events = await environment.run(work(environment));
  return { events, digest: environment.digest };
}

const stormy: SimulationOptions = { latencyMsMax: 20, faults: { rate: 0.3 } };

describe("simulatedEnvironment()", () => {
  it.each([{}, stormy])("takes the same course for the same seed (%o)", async (options) => {
    for (let seed = 1; seed <= 20; seed++)
      expect(await simulate(seed, options)).toEqual(await simulate(seed, options));
  });

  it("takes other courses for other seeds", async () => {
    const digests = new Set<number>();
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const { digest, events } = await simulate(seed, stormy);
      digests.add(digest);
      orders.add(events.map((event) => event.slice(0, 2)).join(" "));
    }
    expect(digests.size).toBe(20);
    expect(orders.size).toBe(20);
  });

  it("lets backends fail and be slow when told so, and only then", async () => {
    const calm = (await simulate(3)).events;
    const stormyOnes = (await simulate(3, stormy)).events;
    expect(calm.filter((event) => event.includes("failed"))).toEqual([]);
    expect(stormyOnes.filter((event) => event.includes("failed")).length).toBeGreaterThan(0);
    const lastMs = (events: string[]) => Number(events.at(-1)?.split(" ").at(-1));
    expect(lastMs(stormyOnes)).toBeGreaterThan(lastMs(calm));
  });

  it("runs tasks when they are due, and moves the clock on to them", async () => {
    const environment = simulatedEnvironment(1, { readMs: 0 });
    const ran: string[] = [];
    for (const delayMs of [30, 10, 20]) {
      environment.schedule(() => ran.push(`${delayMs} at ${environment.now()}`), delayMs);
    }
    await environment.run(turn(environment, 40));
    expect(ran).toEqual(["10 at 10", "20 at 20", "30 at 30"]);
  });

  it("runs tasks that are due at one time in an order drawn from the seed", async () => {
    const orderOf = async (seed: number, order: "random" | "scheduled"): Promise<string> => {
      const environment = simulatedEnvironment(seed, { order });
      const ran: number[] = [];
      for (let task = 0; task < 8; task++) environment.schedule(() => ran.push(task), 5);
      await environment.run(turn(environment, 6));
      return ran.join("");
    };
    const orders = await Promise.all([1, 2, 3, 4, 5].map((seed) => orderOf(seed, "random")));
    expect(new Set(orders).size).toBeGreaterThan(1);
    expect(await orderOf(1, "scheduled")).toBe("01234567");
  });

  it("does not run what was cancelled", async () => {
    const environment = simulatedEnvironment(1);
    const ran: string[] = [];
    const cancel = environment.schedule(() => ran.push("cancelled"), 1);
    environment.schedule(() => ran.push("kept"), 2);
    cancel();
    await environment.run(turn(environment, 3));
    cancel();
    expect(ran).toEqual(["kept"]);
  });

  it("has a clock that never goes back, and goes on while it is read", () => {
    const environment = simulatedEnvironment(1);
    const readings = Array.from({ length: 1000 }, () => environment.now());
    expect([...readings].sort((a, b) => a - b)).toEqual(readings);
    expect(readings.at(-1)).toBeGreaterThan(5);
  });

  it("random() gives unsigned 32-bit integers", () => {
    const environment = simulatedEnvironment(1);
    const drawn = Array.from({ length: 100 }, () => environment.random());
    expect(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
  });
});

describe("run()", () => {
  it("gives the result, and the failure", async () => {
    const environment = simulatedEnvironment(1);
    expect(await environment.run(turn(environment, 1).then(() => 7))).toBe(7);
    await expect(
      environment.run(turn(environment).then(() => Promise.reject(new Error("no")))),
    ).rejects.toThrow("no");
  });

  it("throws when nothing is scheduled and the work has not settled", async () => {
    const environment = simulatedEnvironment(11);
    const stuck = environment.run(turn(environment, 1).then(() => new Promise(() => undefined)));
    await expect(stuck).rejects.toThrow(/seed 11: nothing is scheduled after 1 steps/);
  });

  it("throws when work goes on beyond the bound of steps", async () => {
    const environment = simulatedEnvironment(12, { stepsMax: 50 });
    const end = new AbortController();
    const endless = async (): Promise<void> => {
      while (!end.signal.aborted) await turn(environment, 1);
    };
    const running = endless();
    await expect(environment.run(running)).rejects.toThrow(/seed 12: the bound of steps/);
    end.abort();
    await environment.advance(2);
    await running;
  });

  it("lets long chains of promises end before the next task", async () => {
    const environment = simulatedEnvironment(1);
    const events: string[] = [];
    environment.schedule(() => events.push("task"), 0);
    const chain = async (): Promise<void> => {
      for (let hop = 0; hop < 50; hop++) await Promise.resolve();
      events.push("chain");
      await turn(environment, 1);
    };
    await environment.run(chain());
    expect(events).toEqual(["chain", "task"]);
  });
});

describe("advance()", () => {
  it("runs what is due within that time, and nothing later", async () => {
    const environment = simulatedEnvironment(1, { readMs: 0 });
    const ran: number[] = [];
    const again = (): void => {
      ran.push(environment.now());
      environment.schedule(again, 10);
    };
    environment.schedule(again, 10);
    await environment.advance(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(environment.now()).toBe(35);
  });
});
