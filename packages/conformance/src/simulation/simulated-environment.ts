import type { Backend, Cancel, Environment } from "@zspine/core";
import { SeededRandom } from "../random/seeded-random.ts";
import { chaos } from "../wrapper/chaos.ts";
import { seededFaults, type FaultRates } from "../wrapper/fault.ts";
import { TaskQueue, type Task } from "./task-queue.ts";

/** How a simulation behaves; all is harmless by default. */
export interface SimulationOptions {
  /** Which of the tasks that are due runs next. Default: `random`. */
  readonly order?: "random" | "scheduled" | undefined;
  /** The longest time that each call of a backend takes, in virtual milliseconds. Default: 0, at once. */
  readonly latencyMsMax?: number | undefined;
  /** Faults of the backends. Default: none. */
  readonly faults?: FaultRates | undefined;
  /** How far the clock moves each time it is read, on average, in virtual milliseconds. Default: 0.01. */
  readonly readMs?: number | undefined;
  /** After how many tasks `run` gives up. Default: 1,000,000. */
  readonly stepsMax?: number | undefined;
}

const MICROTASKS_PER_TURN = 100;
const MICROTASKS_WHEN_IDLE = 10_000;
const STEPS_SHOWN = 12;

/**
 * An environment in which everything follows from a seed: the clock is virtual, tasks run in an order
 * drawn from the seed, and backends are slow and faulty by plan. One seed, one course of events, step for
 * step, as long as what runs in it asks nothing but this environment (and no real I/O).
 *
 * Between two tasks it lets all microtasks run, as an event loop does. It cannot see when there are none
 * left, so it waits for a hundred rounds of them, and for many more before it says that nothing will ever
 * happen.
 */
export class SimulatedEnvironment implements Environment {
  readonly seed: number;
  readonly #options: SimulationOptions;
  readonly #queue = new TaskQueue();
  // Each for itself, so that one more reading of the clock does not change the order of tasks.
  readonly #chance: SeededRandom;
  readonly #order: SeededRandom;
  readonly #clock: SeededRandom;
  readonly #media: SeededRandom;
  #nowMs = 0;
  #steps = 0;
  #digest = 0x811c9dc5;
  #recent: string[] = [];

  constructor(seed: number, options: SimulationOptions = {}) {
    const seeds = new SeededRandom(seed);
    this.seed = seed;
    this.#options = options;
    this.#chance = new SeededRandom(seeds.uint32());
    this.#order = new SeededRandom(seeds.uint32());
    this.#clock = new SeededRandom(seeds.uint32());
    this.#media = new SeededRandom(seeds.uint32());
  }

  /** How many tasks have run. */
  get steps(): number {
    return this.#steps;
  }

  /** A 32-bit digest (FNV-1a) of all that happened and was noted: equal for equal courses of events. */
  get digest(): number {
    return this.#digest;
  }

  now(): number {
    this.#nowMs += this.#clock.float() * 2 * (this.#options.readMs ?? 0.01);
    return this.#nowMs;
  }

  random(): number {
    return this.#chance.uint32();
  }

  schedule(task: () => void, delayMs: number): Cancel {
    const scheduled = this.#queue.add(this.#nowMs + Math.max(0, delayMs), task);
    return () => this.#queue.remove(scheduled);
  }

  io(backend: Backend): Backend {
    const { faults, latencyMsMax = 0 } = this.#options;
    const faulty = faults ? chaos(backend, { plan: this.#plan(faults) }) : backend;
    if (latencyMsMax === 0) return faulty;
    const slow: FaultRates = { rate: 1, types: ["slow"], delayMsMax: latencyMsMax };
    return chaos(faulty, { plan: this.#plan(slow), environment: this });
  }

  /** Adds `text` to what the digest tells of the course of events. */
  note(text: string): void {
    for (let at = 0; at < text.length; at++) {
      this.#digest = Math.imul(this.#digest ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
    this.#recent.push(text);
    if (this.#recent.length > STEPS_SHOWN) this.#recent.shift();
  }

  /**
   * Runs tasks until `work` has settled, and gives its result. Throws when nothing is scheduled and
   * `work` has not settled, or when it has not after `stepsMax` tasks. Tasks that are left stay scheduled.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    work.then(settle, settle);
    for (let steps = 0; steps <= (this.#options.stepsMax ?? 1_000_000); steps++) {
      await this.#drainMicrotasks(MICROTASKS_PER_TURN, () => isSettled);
      if (isSettled) return work;
      if (this.#runNext(Infinity)) continue;
      await this.#drainMicrotasks(
        MICROTASKS_WHEN_IDLE,
        () => isSettled || this.#queue.earliestMs() !== undefined,
      );
      if (!isSettled && this.#queue.earliestMs() === undefined) throw this.#stuck("nothing is scheduled");
    }
    throw this.#stuck("the bound of steps is reached");
  }

  /** Runs what is due within the next `durationMs` of virtual time, background work above all. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await this.#drainMicrotasks(MICROTASKS_PER_TURN, () => false);
    while (this.#runNext(untilMs)) await this.#drainMicrotasks(MICROTASKS_PER_TURN, () => false);
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Runs the next task that is due until then, moving the clock on to it; tells whether there was one. */
  #runNext(untilMs: number): boolean {
    const earliestMs = this.#queue.earliestMs();
    if (earliestMs === undefined || earliestMs > untilMs) return false;
    this.#nowMs = Math.max(this.#nowMs, earliestMs);
    const random = this.#options.order === "scheduled" ? undefined : this.#order;
    const task = this.#queue.take(this.#nowMs, random) as Task;
    this.#steps++;
    this.note(`${this.#nowMs.toFixed(3)} ms: task ${task.number}`);
    task.run();
    return true;
  }

  async #drainMicrotasks(rounds: number, isEnough: () => boolean): Promise<void> {
    for (let round = 0; round < rounds && !isEnough(); round++) await Promise.resolve();
  }

  #plan(rates: FaultRates): ReturnType<typeof seededFaults> {
    return seededFaults(this.#media.uint32(), rates);
  }

  #stuck(why: string): Error {
    const recent = this.#recent.length === 0 ? "none" : this.#recent.join("; ");
    return new Error(
      `simulation of seed ${this.seed}: ${why} after ${this.#steps} steps, and the work has not settled; last steps: ${recent}`,
    );
  }
}

/** Makes a simulated environment; see {@link SimulatedEnvironment}. */
export function simulatedEnvironment(seed: number, options?: SimulationOptions): SimulatedEnvironment {
  return new SimulatedEnvironment(seed, options);
}
