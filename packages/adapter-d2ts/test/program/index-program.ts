import * as d2ts from "@electric-sql/d2ts";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { isZspineError, turn } from "@zspine/core";
import { openStore, tiered, type Store } from "@zspine/store";
import { expect } from "vitest";
import { z } from "zod";
import type { ProgramMedium } from "../../../temporal/test/program/program-medium.ts";
import { openIndex, type TraceIndex } from "../../src/index.ts";
import { dropZeros, ReferenceIndex } from "./reference-index.ts";

const Value = z.object({ n: z.int32(), text: z.optional(z.string()) });
type Value = z.infer<typeof Value>;
type Opened = TraceIndex<string, Value>;
type Pair = readonly [ReferenceIndex, ReferenceIndex];

const KEYS = ["a", "b", "c", "d", "e"];

/**
 * A program drawn from a seed: two indexes, to which rows are added and taken back at versions of one or two dimensions,
 * compacted to frontiers of one or more elements, read and joined; commits, discards, merges, kills and power cuts at any
 * moment. After each action they answer as their definition does of the rows that the store must have.
 */
export class IndexProgram {
  /** How often each action was taken. */
  readonly met: Record<string, number> = {};
  private readonly random: SeededRandom;
  private readonly medium: ProgramMedium;
  private readonly dimensions: number;
  private store!: Store;
  private indexes!: readonly [Opened, Opened];
  /** What is inserted, and what there was at each commit that was begun; and the last that was acknowledged. */
  private references: Pair = [new ReferenceIndex(), new ReferenceIndex()];
  private readonly commits: Pair[] = [[new ReferenceIndex(), new ReferenceIndex()]];
  private done = 0;

  constructor(seed: number, medium: (random: SeededRandom) => ProgramMedium) {
    this.random = new SeededRandom(seed);
    this.medium = medium(this.random);
    this.dimensions = 1 + (seed % 2);
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(steps: number): Promise<void> {
    try {
      await this.medium.run(this.runSteps(steps));
    } finally {
      this.medium.end();
    }
  }

  private async runSteps(steps: number): Promise<void> {
    await this.open();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      this.met[action] = (this.met[action] ?? 0) + 1;
      try {
        await turn(this.medium.environment);
        const isAwaited = AWAITED.has(action);
        if (isAwaited) await this[action]();
        else this.withoutFaults(() => void this[action]());
        if (this.medium.isDown) await this.restart(() => this.medium.cut!());
        this.withoutFaults(() => {
          this.check();
        });
      } catch (cause) {
        throw new Error(`step ${step}, ${action}: ${(cause as Error).message}`, { cause });
      }
    }
    await this.store.close().catch(() => undefined);
  }

  /** What reads at once is not to fail half way: that reading is told of is tested where reading is. */
  private withoutFaults(work: () => void): void {
    const { medium } = this;
    const isFailing = medium.isFailing;
    medium.isFailing = false;
    work();
    medium.isFailing = isFailing;
  }

  add(): void {
    const which = this.random.int(0, 1);
    for (let left = this.random.pick([1, 1, 5, 40]); left > 0; left--) {
      const [key, value, times] = [this.random.pick(KEYS), this.drawValue(), this.drawTimes(which)];
      const weight = this.random.pick([1, 1, 2, -1]);
      this.indexes[which]!.addValue(key, d2ts.v([...times]), [value, weight]);
      this.references[which]!.add(key, value, times, weight);
    }
  }

  /** Takes everything of a key back, at up to four versions. */
  retract(): void {
    const which = this.random.int(0, 1);
    const key = this.random.pick(KEYS);
    for (let left = this.random.int(1, 4); left > 0; left--) {
      const times = this.drawTimes(which);
      const values = this.indexes[which]!.reconstructAt(key, d2ts.v([...times]));
      for (const [value, weight] of left === 1 ? values : values.slice(0, 2)) {
        this.indexes[which]!.addValue(key, d2ts.v([...times]), [value, -weight]);
        this.references[which]!.add(key, value, times, -weight);
      }
    }
  }

  append(): void {
    const which = this.random.int(0, 1);
    const other = new d2ts.Index<string, Value>();
    for (let left = this.random.int(0, 12); left > 0; left--) {
      const [key, value, times] = [this.random.pick(KEYS), this.drawValue(), this.drawTimes(which)];
      other.addValue(key, d2ts.v([...times]), [value, 1]);
      this.references[which]!.add(key, value, times, 1);
    }
    this.indexes[which]!.append(other);
  }

  replace(): void {
    const which = this.random.int(0, 1);
    const [key, times] = [this.random.pick(KEYS), this.drawTimes(which)];
    const values = new Map(Array.from({ length: this.random.int(0, 4) }, () => [this.random.int(0, 6), 1]));
    const before = this.references[which]!.reconstructAt(key, times);
    const wanted = [...values].map(([n, weight]): [Value, number] => [{ n }, weight]);
    const changes = this.indexes[which]!.replace(key, d2ts.v([...times]), wanted);
    for (const [value, weight] of changes) {
      this.references[which]!.add(key, value, times, weight);
      const text = JSON.stringify(value);
      before[text] = (before[text] ?? 0) + weight;
    }
    const left = Object.fromEntries(Object.entries(before).filter(([, weight]) => weight !== 0));
    expect(left).toEqual(weights(wanted));
  }

  compact(): void {
    const which = this.random.int(0, 1);
    const reference = this.references[which]!;
    const frontier = [this.drawTimes(which)];
    if (this.dimensions === 2 && this.random.chance(0.4)) frontier.push(this.drawTimes(which));
    const least = new d2ts.Antichain(frontier.map((times) => d2ts.v([...times])));
    const elements = least.elements.map((version) => version.getInner());
    const keys = this.random.pick([[], [], [this.random.pick(KEYS)]]);
    this.indexes[which]!.compact(least, keys);
    reference.frontier = elements;
  }

  /** What is before the frontier is refused, and changes nothing. */
  refuse(): void {
    const which = this.random.int(0, 1);
    const { frontier } = this.references[which]!;
    if (frontier === undefined || frontier.every((times) => times.every((time) => time === 0))) return;
    const below = frontier[0]!.map((_, at) =>
      Math.max(0, Math.min(...frontier.map((times) => times[at]!)) - 1),
    );
    if (this.references[which]!.allows(below)) return;
    const index = this.indexes[which]!;
    const version = d2ts.v([...below]);
    for (const call of [
      () => index.addValue("a", version, [{ n: 1 }, 1]),
      () => index.reconstructAt("a", version),
      () => index.replace("a", version, []),
    ])
      expect(call).toThrowError(expect.objectContaining({ code: "ZSPINE_TIME_PASSED" }));
    const passed = new d2ts.Antichain([version]);
    expect(() => index.compact(passed)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }),
    );
  }

  async commit(): Promise<void> {
    await this.io(this.begin());
  }

  private async begin(): Promise<void> {
    const number = this.commits.push(copyOf(this.references)) - 1;
    const { store } = this;
    await store.commit({ metadata: { number } });
    if (store === this.store) this.done = number;
  }

  discard(): void {
    this.store.discard();
    this.references = copyOf(this.commits[this.done]!);
  }

  async merge(): Promise<void> {
    await this.io(this.random.chance(0.5) ? this.store.compact() : this.store.finishMerges());
  }

  async reopen(): Promise<void> {
    if (this.medium.opener === undefined) return;
    await this.store.close().catch(() => undefined);
    await this.open();
  }

  /** Kills the process at some moment of a commit. */
  async kill(): Promise<void> {
    const { kill } = this.medium;
    if (kill === undefined) return this.reopen();
    this.begin().catch(() => undefined);
    for (let turns = this.random.int(0, 30); turns > 0; turns--) await turn(this.medium.environment);
    await this.restart(kill);
  }

  fail(): void {
    this.medium.fail?.();
  }

  private async restart(end: () => void): Promise<void> {
    end();
    await this.store.close().catch(() => undefined);
    await this.open();
  }

  private async io(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.medium.fail === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
      await this.restart(() => (this.medium.isDown ? this.medium.cut!() : this.medium.kill!()));
    }
  }

  private async open(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.tryToOpen();
        break;
      } catch (error) {
        if (this.medium.fail === undefined || !isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        this.medium.cut?.();
      }
    }
    const number = (this.store.metadata as { number?: number }).number ?? 0;
    expect(number).toBeGreaterThanOrEqual(this.done);
    this.done = number;
    this.references = copyOf(this.commits[number]!);
  }

  private async tryToOpen(): Promise<void> {
    const { random, medium } = this;
    const { environment, opener } = medium;
    const backend = opener?.() ?? memory();
    const strategy = tiered({ fanout: random.pick([2, 4]) });
    const [stagingRows, cacheBytes] = [random.pick([1, 16, 32_768]), random.pick([0, 3000, 2 ** 20])];
    const store = await openStore({ backend, environment, strategy, stagingRows, cacheBytes });
    this.store = store;
    const schemas = { d2ts, key: z.string(), value: Value, dimensions: this.dimensions };
    try {
      this.indexes = [await openIndex(store, "left", schemas), await openIndex(store, "right", schemas)];
    } catch (error) {
      await store.close().catch(() => undefined);
      throw error;
    }
  }

  private check(): void {
    const [left, right] = this.indexes;
    for (const [which, index] of this.indexes.entries()) {
      const reference = this.references[which]!;
      // Keys of changes that come to nothing may be among them until they are folded.
      expect(index.keys()).toEqual(expect.arrayContaining(reference.keys));
      for (const key of KEYS) {
        const changes = [...index.get(key)].map(
          ([version, rows]) => [version.toJSON(), weights(rows)] as const,
        );
        expect(new Map(changes)).toEqual(reference.changes(key));
        expect(
          index
            .versions(key)
            .map((version) => version.toJSON())
            .sort(),
        ).toEqual([...reference.changes(key).keys()].sort());
        const times = this.drawTimes(which);
        expect(weights(index.reconstructAt(key, d2ts.v([...times])))).toEqual(
          reference.reconstructAt(key, times),
        );
      }
    }
    expect(joinedOf(left.join(right))).toEqual(this.references[0].join(this.references[1]));
  }

  private drawValue(): Value {
    return this.random.chance(0.5)
      ? { n: this.random.int(0, 6) }
      : { n: 1, text: this.random.pick(["x", "y"]) };
  }

  /** Times that an index may be read and written at. */
  private drawTimes(which: number): readonly number[] {
    const { frontier } = this.references[which]!;
    const start =
      frontier === undefined ? Array.from({ length: this.dimensions }, () => 0) : this.random.pick(frontier);
    return start.map((time) => time + this.random.pick([0, 0, 1, 2, 5]));
  }
}

type Action =
  | "add"
  | "append"
  | "commit"
  | "compact"
  | "discard"
  | "fail"
  | "kill"
  | "merge"
  | "refuse"
  | "reopen"
  | "replace"
  | "retract";

/** How often each is drawn. */
const OFTEN: Readonly<Record<Action, number>> = {
  add: 4,
  append: 1,
  commit: 2,
  compact: 2,
  discard: 1,
  fail: 1,
  kill: 1,
  merge: 1,
  refuse: 1,
  reopen: 1,
  replace: 2,
  retract: 2,
};

const ACTIONS: readonly Action[] = Object.entries(OFTEN).flatMap(([action, times]) =>
  Array.from({ length: times }, () => action as Action),
);

const AWAITED: ReadonlySet<Action> = new Set<Action>(["commit", "merge", "reopen", "kill", "fail"]);

function copyOf([left, right]: Pair): Pair {
  return [left.copy(), right.copy()];
}

/** Weights by value; each value is to come once. */
function weights(rows: readonly (readonly [unknown, number])[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [value, weight] of rows) {
    const text = JSON.stringify(value);
    if (text in found || weight === 0) throw new Error(`${text} came twice, or with weight 0`);
    found[text] = weight;
  }
  return found;
}

function joinedOf(
  results: readonly [d2ts.Version, d2ts.MultiSet<unknown>][],
): Record<string, Record<string, number>> {
  const joined: Record<string, Record<string, number>> = {};
  for (const [version, rows] of results) {
    const sums = (joined[version.toJSON()] ??= {});
    for (const [pair, weight] of rows.getInner()) {
      const text = JSON.stringify(pair);
      sums[text] = (sums[text] ?? 0) + weight;
    }
  }
  return dropZeros(joined);
}
