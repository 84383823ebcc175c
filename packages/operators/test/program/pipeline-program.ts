import { memory } from "@zspine/backend-memory";
import { SeededRandom, type SimulatedEnvironment } from "@zspine/conformance";
import { isZspineError, turn } from "@zspine/core";
import { openStore, tiered, type Store } from "@zspine/store";
import { z } from "zod";
import type { ProgramMedium } from "../../../temporal/test/program/program-medium.ts";
import { pipeline, type Pipeline, type Stream } from "../../src/index.ts";
import { KEYS, RandomWiring, SCHEMAS } from "./random-wiring.ts";
import { Rows } from "./rows.ts";

const INPUTS = { left: SCHEMAS, right: SCHEMAS };

type Outputs = Record<string, Stream<number, number>>;
type Opened = Pipeline<typeof INPUTS, Outputs, number>;

/** What inputs there are after a step, and when it was. */
interface State {
  readonly left: Rows;
  readonly right: Rows;
  readonly now: number;
}

/** How a program runs. */
export interface PipelineProgramOptions {
  readonly steps: number;
  readonly operators: number;
}

/**
 * A program drawn from a seed: a pipeline of operators that are drawn, steps of deltas with retractions and negative
 * weights, steps that throw, kills and faults at any moment, merges, and other pipelines in its place. After each, it has
 * made the steps that were acknowledged, or one more that was under way; and each output is what its operators give of all
 * rows of the inputs by their definitions, rows of a step too.
 */
export class PipelineProgram {
  /** How often each action was taken. */
  readonly met: Record<string, number> = {};
  private readonly random: SeededRandom;
  private readonly medium: ProgramMedium;
  private readonly options: PipelineProgramOptions;
  private wiring: RandomWiring;
  private store!: Store;
  private view!: Opened;
  /** By the number of the step. */
  private readonly states: State[] = [{ left: new Rows(), right: new Rows(), now: 0 }];
  /** The last step that was acknowledged, and the last that was begun. */
  private done = 0;
  private begun = 0;
  private mayThrow = false;

  constructor(
    seed: number,
    medium: (random: SeededRandom) => ProgramMedium,
    options: PipelineProgramOptions,
  ) {
    this.random = new SeededRandom(seed);
    this.medium = medium(this.random);
    this.options = options;
    this.wiring = RandomWiring.draw(this.random, options.operators);
  }

  /** A digest of all that has happened. */
  get digest(): number {
    return (this.medium.environment as SimulatedEnvironment).digest;
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(): Promise<void> {
    try {
      await this.medium.run(this.runSteps());
    } finally {
      this.medium.end();
    }
  }

  private async runSteps(): Promise<void> {
    await this.open();
    for (let step = 1; step <= this.options.steps; step++) {
      const action = this.random.pick(ACTIONS);
      try {
        await turn(this.medium.environment);
        this.met[action] = (this.met[action] ?? 0) + 1;
        await this.take(action);
        if (this.medium.isDown) await this.restart(() => this.medium.cut!());
        await this.check();
      } catch (cause) {
        const where = `${step}, ${action}, of ${this.wiring.toString()}`;
        throw new Error(`step ${where}: ${(cause as Error).message}`, { cause });
      }
    }
    await this.store.close().catch(() => undefined);
  }

  private async take(action: (typeof ACTIONS)[number]): Promise<void> {
    const { medium } = this;
    const actions: Record<(typeof ACTIONS)[number], () => void | Promise<void>> = {
      step: () => this.step(),
      throwing: () => this.throwing(),
      killed: () => this.killed(),
      commit: () => this.io(this.store.commit()),
      compact: () => this.io(this.store.compact()),
      reopen: () => this.reopen(),
      rewire: () => this.rewire(),
      fail: () => medium.fail?.(),
      cut: () => (medium.cut === undefined ? undefined : this.restart(() => medium.cut!())),
    };
    await actions[action]();
  }

  private get last(): State {
    return this.states[this.done]!;
  }

  private async step(): Promise<void> {
    if (isInDoubt(this.view)) return this.settle(this.view, this.begun);
    const { left, right, now } = this.last;
    const deltas = { left: this.drawRows(left), right: this.drawRows(right) };
    const later = now + this.random.pick([0, 0, 1, 3]);
    const number = this.done + 1;
    this.states[number] = {
      left: new Rows().addAll(left).addAll(deltas.left),
      right: new Rows().addAll(right).addAll(deltas.right),
      now: later,
    };
    this.begun = number;
    const { wiring, view } = this;
    const given = { left: rowsOf(deltas.left), right: rowsOf(deltas.right) };
    const isWhole = this.random.chance(0.7);
    try {
      const result = await view.step(isWhole || given.right.length > 0 ? given : { left: given.left }, {
        now: later,
        metadata: { number },
      });
      if (view !== this.view) return;
      this.done = number;
      const before = wiring.compute([left, right], now);
      const after = wiring.compute([this.last.left, this.last.right], later);
      for (const name of Object.keys(before)) {
        const change = Rows.of(
          [...result.changes[name]!].map(({ key, value, weight }) => [key, value, weight]),
        );
        same(`change of ${name}`, change, new Rows().addAll(after[name]!).addAll(before[name]!, -1));
      }
    } catch (error) {
      if (view !== this.view) return;
      this.mayFail(error);
      await this.settle(view, number);
    }
  }

  /** Finds out about a step whose outcome is not known. */
  private async settle(view: Opened, number: number): Promise<void> {
    for (let tries = 0; tries < 30; tries++) {
      try {
        await view.settle();
        break;
      } catch (error) {
        if (view !== this.view || this.medium.isDown) return;
        this.mayFail(error);
      }
    }
    if (view !== this.view || this.medium.isDown || isInDoubt(view)) return;
    if (view.steps === number) this.done = number;
    this.begun = this.done;
  }

  /** Makes a step that an output's function, or what is done alongside, does not let happen. */
  private async throwing(): Promise<void> {
    const { left } = this.last;
    const failure = new Error("it throws");
    const given = { left: rowsOf(this.drawRows(left)) };
    const alongside = (): void => {
      throw failure;
    };
    try {
      await this.view.step(given, { alongside });
    } catch (error) {
      if (error !== failure) this.mayFail(error);
    }
  }

  private async killed(): Promise<void> {
    const { medium } = this;
    if (medium.kill === undefined) return;
    const step = this.step();
    for (let count = this.random.int(0, 200); count > 0; count--) await Promise.resolve();
    if (this.random.chance(0.3)) await turn(medium.environment, 2);
    await this.restart(() => medium.kill!());
    await step;
  }

  private async reopen(): Promise<void> {
    if (this.medium.opener === undefined) return;
    await this.restart(() => this.store.close().catch(() => undefined));
  }

  /** Opens another pipeline in the place of this, with or without a kill in between. */
  private async rewire(): Promise<void> {
    this.wiring = this.wiring.changed(this.random);
    if (this.random.chance(0.5) || this.medium.opener === undefined) await this.openView();
    else await this.reopen();
  }

  /** Ends what is open somehow, and opens it again: it must have come as far as it said. */
  private async restart(end: () => void | Promise<void>): Promise<void> {
    this.view = undefined as unknown as Opened;
    await end();
    await this.open();
  }

  private async open(): Promise<void> {
    const { random, medium } = this;
    const { environment } = medium;
    for (let tries = 0; ; tries++) {
      try {
        this.store = await openStore({
          backend: medium.opener?.() ?? memory(),
          environment,
          strategy: tiered({ fanout: random.int(2, 5) }),
          stagingRows: random.pick([1, 3, 1000]),
          batchesMax: random.int(2, 20),
          cacheBytes: random.pick([0, 3000, 2 ** 20]),
        });
        break;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        medium.cut?.();
      }
    }
    await this.openView();
  }

  private async openView(): Promise<void> {
    const { wiring, medium } = this;
    for (let tries = 0; ; tries++) {
      try {
        this.view = await pipeline(this.store, {
          inputs: INPUTS,
          time: z.number(),
          outputs: ({ left, right }): Outputs => wiring.wire([left, right]),
        });
        break;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || medium.fail === undefined || tries > 100) throw error;
        // A handle through which a sync has failed is of no use any more.
        if (!medium.isDown && tries < 10) continue;
        await this.restart(() => (medium.isDown ? medium.cut!() : this.store.close().catch(() => undefined)));
        return;
      }
    }
    const { steps, metadata, now } = this.view;
    if (steps < this.done || steps > this.begun)
      throw new Error(`found ${steps} steps, expected ${this.done} to ${this.begun}`);
    this.done = this.begun = steps;
    same("metadata", metadata["number"] ?? 0, steps);
    same("time", now ?? 0, this.last.now);
  }

  /** Every output is what is computed of all inputs, as it is read, and as it is stored with the inputs. */
  private async check(): Promise<void> {
    const { medium, wiring, view, last } = this;
    const { steps } = view;
    if (isInDoubt(view)) return;
    same("steps", steps, this.done);
    const expected = wiring.compute([last.left, last.right], last.now);
    try {
      for (const [name, rows] of Object.entries(expected)) {
        const found = new Rows();
        for await (const { key, value, weight } of view.outputs[name]!.rows()) found.add(key, value, weight);
        same(name, found, rows);
      }
    } catch (error) {
      if (medium.fail === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
    }
  }

  /** Rows that come, and rows of those there are that go, once or more often than they are there. */
  private drawRows(there: Rows): Rows {
    const { random } = this;
    const rows = new Rows();
    const value = (): number => random.pick([0, 1, 2, 3.25, 5, 7.5]);
    for (let count = random.pick([0, 1, 1, 2, 6]); count > 0; count--)
      rows.add(random.int(0, KEYS - 1), value(), random.pick([1, 1, 1, 2, -1]));
    for (const [key, of, weight] of there) if (random.chance(0.15)) rows.add(key, of, -weight);
    return rows;
  }

  private async io(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
      this.mayFail(error);
    });
  }

  private mayFail(error: unknown): void {
    if (isZspineError(error, "ZSPINE_IO") && this.medium.fail !== undefined) return;
    // What is in doubt says so.
    if (isZspineError(error, "ZSPINE_CONFLICT") && this.medium.fail !== undefined) return;
    throw error;
  }
}

function isInDoubt(view: Opened): boolean {
  return (view as unknown as { doubt: unknown }).doubt !== undefined;
}

function rowsOf(rows: Rows): { key: number; value: number; weight: number }[] {
  return [...rows].map(([key, value, weight]) => ({ key, value, weight }));
}

function same(what: string, found: unknown, expected: unknown): void {
  if (String(found) !== String(expected))
    throw new Error(`${what}: found ${String(found)}, expected ${String(expected)}`);
}

const ACTIONS = [
  ...Array.from({ length: 10 }, () => "step" as const),
  ...Array.from({ length: 2 }, () => "killed" as const),
  ...Array.from({ length: 2 }, () => "reopen" as const),
  ...Array.from({ length: 2 }, () => "rewire" as const),
  "throwing",
  "commit",
  "compact",
  "fail",
  "cut",
] as const;
