import { canonicalText, chaos, ReferenceZSet, SeededRandom, type Fault } from "@zspine/conformance";
import { isZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { openStore, type Snapshot, type Store, type Trace } from "@zspine/store";
import { z } from "zod";

/** Where stores of a program lie. */
export interface StoreMedium {
  readonly name: string;
  /** Whether what is committed is there when it is opened again. */
  readonly keeps: boolean;
  /** Gives what to open, with a budget of its own each time; over a medium that is struck so. */
  newBackend(random: SeededRandom, strike: () => Fault | undefined): BackendOpener;
}

/** Puts faults before the calls of what is opened. */
export function struck(cold: BackendOpener, strike: () => Fault | undefined): BackendOpener {
  return {
    type: cold.type,
    open: async (how) => chaos(await cold.open(how), { plan: strike, environment: CLOCK }),
    drop: () => cold.drop(),
  };
}

const CLOCK = {
  schedule(run: () => void, delayMs: number): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Rows of the trace `b`: text, long enough for a few thousand to be more than the least budget. */
const wide = (value: number): string => `${value} `.padEnd(40 + (value % 200), "-");

/**
 * A program drawn from a seed: writes, commits, reads of all kinds, merges, spills and restarts of a store over a medium,
 * beside a reference that keeps everything in a map. The same seed is the same program over every medium, so what it
 * was told is equal as text.
 */
export class StoreProgram {
  /** All that was answered, as text. */
  readonly told: string[] = [];
  /** What the store did for its budget. */
  readonly met = { spills: 0, loads: 0, failures: 0, pressures: 0, restarts: 0 };
  private readonly random: SeededRandom;
  private readonly chance: SeededRandom;
  private readonly medium: StoreMedium;
  private isFaulty = false;
  private store!: Store;
  private a!: Trace<number, number>;
  private b!: Trace<number, string>;
  private readonly content = { a: newReference<number>(), b: newReference<string>() };
  private snapshot: { readonly snapshot: Snapshot<number, number>; readonly text: string } | undefined;

  constructor(seed: number, medium: StoreMedium) {
    this.random = new SeededRandom(seed);
    // Of its own, for media differ in what they ask.
    this.chance = new SeededRandom(seed + 1);
    this.medium = medium;
  }

  /** Runs to the end; throws at the first answer that is not the reference's. */
  async run(steps: number): Promise<void> {
    await this.open();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      try {
        await this[action]();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${this.medium.name}, step ${step}, ${action}: ${why}`, { cause });
      }
    }
    await this.healed(() => this.readAll());
    await this.close();
  }

  async insertFew(): Promise<void> {
    for (let count = this.random.int(1, 20); count > 0; count--) {
      const [key, value, weight] = [this.random.int(0, 50), this.random.int(0, 3), this.random.pick([-1, 1, 2])];
      this.a.insert(key, value, weight);
      this.b.insert(key, wide(value), weight);
      this.content.a.insert(key, value, weight);
      this.content.b.insert(key, wide(value), weight);
    }
  }

  async insertMany(): Promise<void> {
    const [from, length, step] = [this.random.int(0, 4000), this.random.int(1000, 6000), this.random.pick([1, 3, 7])];
    const weight = this.random.pick([-1, 1, 1, 1]);
    for (let at = 0; at < length; at++) {
      const key = from + ((at * step) % length);
      this.a.insert(key, at % 5, weight);
      this.b.insert(key, wide(at % 997), weight);
      this.content.a.insert(key, at % 5, weight);
      this.content.b.insert(key, wide(at % 997), weight);
    }
    await this.told_(() => this.store.room());
  }

  async commit(): Promise<void> {
    await this.healed(() => this.store.commit());
  }

  /** One that may fail, and is called again then until it has not. */
  async commitStruck(): Promise<void> {
    await this.faulty(async () => {
      await this.told_(() => this.store.commit());
    });
    await this.healed(() => this.store.commit());
  }

  async spill(): Promise<void> {
    if (this.store.stats().placement === undefined) return;
    const bytes = this.chance.pick([undefined, 100_000]);
    await this.faulty(() => this.told_(() => this.store.spill(bytes === undefined ? {} : { bytes })));
  }

  async compact(): Promise<void> {
    await this.faulty(() => this.told_(() => this.store.compact()));
  }

  async finishMerges(): Promise<void> {
    await this.faulty(() => this.told_(() => this.store.finishMerges()));
  }

  async readKeys(): Promise<void> {
    const keys = Array.from({ length: this.random.int(1, 40) }, () => this.random.int(0, 10_000));
    await this.healed(async () => {
      const found = await this.a.getMany(keys);
      this.same("getMany", found, keys.map((key) => this.content.a.get(key)));
      this.same("get", await this.b.get(keys[0]!), this.content.b.get(keys[0]!));
    });
  }

  async readRange(): Promise<void> {
    const gte = this.random.int(0, 8000);
    const range = { gte, lt: gte + this.random.int(1, 2000), reverse: this.random.chance(0.5) };
    await this.healed(async () => {
      const found: unknown[] = [];
      for await (const row of this.b.rows(range)) found.push(row);
      this.same("rows", found, this.content.b.rows(range));
    });
  }

  async readAll(): Promise<void> {
    await this.healed(async () => {
      for (const [trace, content] of [
        [this.a, this.content.a],
        [this.b, this.content.b],
      ] as const) {
        const found: unknown[] = [];
        for await (const row of trace.rows()) found.push(row);
        this.same("all rows", found, content.rows());
        this.same("count", (await trace.count()).rows, content.rows().length);
      }
    });
  }
}
