import { memory } from "@zspine/backend-memory";
import { retained, SeededRandom, SimulatedEnvironment, type RetainedMedium } from "@zspine/conformance";
import { deflate, turn, type Backend, type BackendOpener } from "@zspine/core";
import { expect } from "vitest";
import { z } from "zod";
import {
  compactors,
  openStore,
  runCompactor,
  tiered,
  type Store,
  type StoreOptions,
} from "../../src/index.ts";
import { drawFate, mortal } from "./mortal.ts";

const ROWS = { key: z.int32(), value: z.string() };

/**
 * A store whose merges two compactors make that are held up and die at any call, beside a plain model; in a simulated
 * environment, so that who comes first follows from the seed.
 */
export class CompactorProgram {
  readonly environment: SimulatedEnvironment;
  /** Merges that compactors have made. */
  merged = 0;
  private readonly random: SeededRandom;
  private readonly medium: RetainedMedium = retained(() => memory({ preferredValueBytes: 2048 }));
  private readonly end = new AbortController();
  private readonly seed: number;
  private store!: Store;
  private model = new Map<number, number>();
  private committed = new Map<number, number>();

  constructor(seed: number) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
    this.environment = new SimulatedEnvironment(this.random.uint32(), { latencyMsMax: 3 });
  }

  async run(steps: number): Promise<void> {
    await this.environment.run(this.runSteps(steps));
  }

  private async runSteps(steps: number): Promise<void> {
    await this.open();
    const workers = [this.work(), this.work()];
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      await turn(this.environment, this.random.pick([0, 20, 300]));
      await this[action]();
      expect(await textOf(this.store), `seed ${this.seed}, step ${step}: ${action}`).toBe(this.text());
    }
    await this.commit();
    await this.store.finishMerges();
    await this.store.compact();
    this.end.abort();
    await Promise.all(workers);
    expect(await textOf(this.store), `seed ${this.seed}`).toBe(this.text());
    expect((await this.store.verify()).problems, `seed ${this.seed}`).toEqual([]);
    await this.store.close();
    await this.open();
    expect(await textOf(this.store), `seed ${this.seed}`).toBe(this.text());
    // Nothing is left of jobs, nor of what was made in vain.
    await this.store.close();
    const names = await this.names();
    expect(
      names.filter((name) => name.startsWith("job/")),
      `seed ${this.seed}`,
    ).toEqual([]);
  }

  async insert(): Promise<void> {
    const trace = await this.store.trace("t", { ...ROWS, create: true });
    const [from, weight] = [this.random.int(0, 60), this.random.pick([-1, 1, 1])];
    for (let key = from; key < from + this.random.pick([1, 40, 300]); key++) {
      trace.insert(key, "x", weight);
      this.model.set(key, (this.model.get(key) ?? 0) + weight);
    }
  }

  async commit(): Promise<void> {
    await this.store.commit();
    this.committed = new Map(this.model);
  }

  async compact(): Promise<void> {
    await this.store.compact();
  }

  /** Drops the trace, which jobs may be about, and makes another of its name. */
  async drop(): Promise<void> {
    if (!this.store.has("t") || this.random.chance(0.5)) return;
    await this.store.drop("t");
    this.model = new Map();
    this.committed = new Map();
    await this.store.trace("t", { ...ROWS, create: true });
  }

  async reopen(): Promise<void> {
    if (this.random.chance(0.5)) this.medium.crash("place");
    await this.store.close().catch(() => undefined);
    await this.open();
    this.model = new Map(this.committed);
  }

  private async open(): Promise<void> {
    const options: StoreOptions = {
      backend: this.opener(),
      environment: this.environment,
      strategy: tiered({ fanout: this.random.int(2, 4) }),
      compactors: compactors({
        bytesLeast: this.random.pick([0, 2000]),
        takenMs: 60,
        doneMs: 300,
        pollMs: 5,
      }),
      ...(this.random.chance(0.5) && { compression: deflate() }),
    };
    this.store = await openStore(options);
    await this.store.trace("t", { ...ROWS, create: true });
  }

  /** Runs one compactor after another. */
  private async work(): Promise<void> {
    const { environment } = this;
    const { signal } = this.end;
    while (!signal.aborted) {
      const fate = drawFate(this.random);
      const onMerge = (): void => void this.merged++;
      const backend = this.opener((opened) => mortal(opened, fate, environment));
      await runCompactor({ backend, signal, environment, pollMs: 10, onMerge }).catch((error: unknown) => {
        if (!String(error).includes("killed") && !String(error).includes("crash")) throw error;
      });
      await turn(environment, 5);
    }
  }

  private opener(wrap: (backend: Backend) => Backend = (backend) => backend): BackendOpener {
    return {
      type: "retained",
      open: async (how) => wrap(await this.medium.open("place", how)),
      drop: async () => undefined,
    };
  }

  private text(): string {
    const rows = [...this.model].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
    return rows.map(([key, weight]) => `${key}:${weight}`).join(" ");
  }

  private async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of (await this.medium.open("place", { readOnly: true })).list("")) names.push(name);
    return names;
  }
}

const ACTIONS = [
  "insert",
  "insert",
  "insert",
  "commit",
  "commit",
  "commit",
  "compact",
  "drop",
  "reopen",
] as const;

async function textOf(store: Store): Promise<string> {
  const rows: string[] = [];
  const trace = await store.trace("t", { ...ROWS, create: true });
  for await (const { key, weight } of trace.rows()) rows.push(`${key}:${weight}`);
  return rows.join(" ");
}
