import {
  canonicalText,
  ReferenceZSet,
  SeededRandom,
  seededFaults,
  type FaultPlan,
} from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { z } from "zod";
import { Calls } from "./calls.ts";
import { openStore, type Snapshot, type Store, type Trace } from "./stores.ts";
import type { StoreMedium } from "./store-media.ts";

const ACTIONS = (
  "insertFew insertFew insertMany insertMany insertMany commit commitStruck spill compact finishMerges readKeys readKeys " +
  "readRange takeSnapshot readSnapshot restart"
).split(" ") as Action[];

type Action =
  | ("insertFew" | "insertMany" | "commit" | "commitStruck" | "spill" | "compact" | "finishMerges")
  | ("readKeys" | "readRange" | "takeSnapshot" | "readSnapshot" | "restart");

/** Texts of 40 to 240 bytes, in no order of their numbers. */
const wide = (value: number): string => `${value} `.padEnd(40 + (value % 200), "-");

interface TraceBeside<V> {
  readonly trace: Trace<number, V>;
  readonly content: ReferenceZSet<number, V>;
}

const byKey = (a: number, b: number): number => a - b;
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A program drawn from a seed: inserts, commits, reads, merges, spills and restarts of a store, over a medium that fails, is
 * full, or slow for a while, beside a reference in maps. It is the same program over every medium, so what it was told is,
 * too.
 */
export class StoreProgram {
  /** All that was answered, as text. */
  readonly told: string[] = [];
  /** What the store has done for its budget, and what has gone wrong. */
  readonly met = { spills: 0, loads: 0, failures: 0 };
  private readonly random: SeededRandom;
  /** What differs between media, so that the course does not. */
  private readonly chance: SeededRandom;
  private readonly medium: StoreMedium;
  private readonly plan: FaultPlan;
  private readonly calls = new Calls();
  private isFaulty = false;
  private store!: Store;
  private numbers!: TraceBeside<number>;
  private texts!: TraceBeside<string>;
  private snapshot: { readonly snapshot: Snapshot<number, string>; readonly text: string } | undefined;

  constructor(seed: number, medium: StoreMedium) {
    this.random = new SeededRandom(seed);
    this.chance = new SeededRandom(seed * 31 + 7);
    this.medium = medium;
    const types = ["before", "after", "torn", "full", "slow"] as const;
    const faults = seededFaults(seed, { rate: 0.2, types, delayMsMax: 3 });
    this.plan = (call) => (this.isFaulty ? faults(call) : undefined);
  }

  /** Runs to the end; throws at the first answer that is not the reference's. */
  async run(steps: number): Promise<void> {
    await this.open(new ReferenceZSet({ compareKeys: byKey, compareValues: byKey }), newTexts());
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      try {
        await this[action]();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message.slice(0, 1000) : String(cause);
        throw new Error(`${this.medium.name}: step ${step}, ${action}: ${why}`, { cause });
      }
    }
    await this.readAll();
    await this.close();
  }

  async insertFew(): Promise<void> {
    for (let count = this.random.int(1, 20); count > 0; count--)
      this.insert(this.random.int(0, 50), this.random.int(0, 3), this.random.pick([-1, 1, 2]));
  }

  async insertMany(): Promise<void> {
    const { random } = this;
    const [from, length, step] = [random.int(0, 4000), random.int(500, 2500), random.pick([1, 3, 7])];
    const weight = random.pick([-1, 1, 1, 1]);
    for (let at = 0; at < length; at++) this.insert(from + ((at * step) % length), at % 997, weight);
    await this.tryStruck(() => this.store.room());
  }

  async commit(): Promise<void> {
    await this.store.commit();
  }

  /** One that may fail; the rows stay, for another. */
  async commitStruck(): Promise<void> {
    await this.tryStruck(() => this.store.commit());
    await this.store.commit();
  }

  async spill(): Promise<void> {
    const bytes = this.chance.pick([1000, 100_000, 2 ** 40]);
    if (this.medium.hasBudget) await this.tryStruck(() => this.store.spill({ bytes }));
  }

  async compact(): Promise<void> {
    await this.tryStruck(() => this.store.compact());
  }

  async finishMerges(): Promise<void> {
    await this.tryStruck(() => this.store.finishMerges());
  }

  async readKeys(): Promise<void> {
    const keys = Array.from({ length: this.random.int(1, 40) }, () => this.random.int(0, 6000));
    // What a look-up fails with changes nothing.
    await this.tryStruck(() => this.texts.trace.getMany(keys));
    const { numbers, texts } = this;
    const valuesOf = <V>({ content }: TraceBeside<V>, key: number): unknown =>
      content.get(key).map(({ value, weight }) => ({ value, weight }));
    this.same(
      "getMany",
      await texts.trace.getMany(keys),
      keys.map((key) => valuesOf(texts, key)),
    );
    this.same("get", await numbers.trace.get(keys[0]!), valuesOf(numbers, keys[0]!));
  }

  async readRange(): Promise<void> {
    const gte = this.random.int(0, 5000);
    const range = { gte, lt: gte + this.random.int(1, 1000), reverse: this.random.chance(0.5) };
    await this.tryStruck(() => collect(this.texts.trace.rows(range)));
    this.same("range", await collect(this.texts.trace.rows(range)), this.texts.content.rows(range));
  }

  async takeSnapshot(): Promise<void> {
    this.snapshot?.snapshot.close();
    this.snapshot = { snapshot: this.texts.trace.snapshot(), text: canonicalText(this.texts.content.rows()) };
  }

  async readSnapshot(): Promise<void> {
    if (this.snapshot === undefined) return;
    const { snapshot, text } = this.snapshot;
    const rows = await collect(snapshot.rows());
    if (canonicalText(rows) !== text) throw new Error("a snapshot has changed");
  }

  /** Closes it, and opens it where it lies; nothing more than a commit where nothing does. */
  async restart(): Promise<void> {
    await this.store.commit();
    if (!this.medium.keeps) return;
    await this.close();
    await this.open(this.numbers.content, this.texts.content);
    await this.readAll();
  }

  private async readAll(): Promise<void> {
    for (const { trace, content } of [this.numbers, this.texts] as const) {
      this.same("rows", await collect<unknown>(trace.rows()), content.rows());
      this.same("count", (await trace.count()).rows, content.count());
    }
  }

  private insert(key: number, value: number, weight: number): void {
    const { numbers, texts } = this;
    numbers.trace.insert(key, value % 5, weight);
    numbers.content.insert(key, value % 5, weight);
    texts.trace.insert(key, wide(value), weight);
    texts.content.insert(key, wide(value), weight);
  }

  private async open(
    numbers: ReferenceZSet<number, number>,
    texts: ReferenceZSet<number, string>,
  ): Promise<void> {
    const backend = this.medium.newBackend(this.chance, this.plan, this.calls);
    const store = await openStore({ backend, stagingRows: 1000 });
    this.store = store;
    this.numbers = {
      trace: await store.trace("numbers", { key: z.int32(), value: z.int32() }),
      content: numbers,
    };
    this.texts = { trace: await store.trace("texts", { key: z.int32(), value: z.string() }), content: texts };
    store.on("load", () => this.met.loads++);
    store.on("spillFailure", () => this.met.failures++);
  }

  private async close(): Promise<void> {
    this.snapshot?.snapshot.close();
    this.snapshot = undefined;
    this.met.spills += this.store.stats().spills;
    await this.store.close();
  }

  /** Does something while the medium fails: it may fail too, but only as a medium does. */
  private async tryStruck(work: () => Promise<unknown>): Promise<void> {
    this.isFaulty = true;
    try {
      await work();
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_IO")) throw error;
      this.met.failures++;
    } finally {
      this.isFaulty = false;
      // A read that others share fails for those too that come while it goes on.
      await this.calls.quiet();
    }
  }

  private same(what: string, found: unknown, expected: unknown): void {
    const [foundText, expectedText] = [canonicalText(found), canonicalText(expected)];
    this.told.push(`${what} ${foundText}`);
    if (foundText === expectedText) return;
    throw new Error(`${what}: found ${foundText.slice(0, 300)}, expected ${expectedText.slice(0, 300)}`);
  }
}

function newTexts(): ReferenceZSet<number, string> {
  return new ReferenceZSet({ compareKeys: byKey, compareValues: byText });
}

async function collect<T>(rows: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
