import {
  canonicalText,
  ReferenceZSet,
  SeededRandom,
  SimulatedEnvironment,
  type FaultRates,
} from "@zspine/conformance";
import { isZspineError, type BackendOpener } from "@zspine/core";
import { z } from "zod";
import { openStore, tiered, type KeyRange, type Snapshot, type Store, type Trace } from "../src/index.ts";
import type { Mixer } from "./mixture/mixer.ts";
import { openAssembled } from "./open-assembled.ts";

type Key = readonly [group: number, name: string];
type Value = { readonly n: number; readonly t: string | null };
type Model = ReferenceZSet<Key, Value>;
type Rows = readonly { readonly key: Key; readonly value: Value; readonly weight: number }[];

const KEY = z.tuple([z.int32(), z.string()]).readonly();
const VALUE = z.object({ n: z.int32(), t: z.string().nullable() });
const NAMES = [
  "",
  "a",
  "a\0",
  "b",
  "user-1",
  "user-10",
  "user-2",
  "user-000001",
  "user-000002",
  "é",
  "\ufffd",
  "😀",
];

const TEXTS = NAMES.slice(-4);

/** How a program runs. */
export interface ProgramOptions {
  readonly steps: number;
  readonly faults?: FaultRates;
  /** How many different groups keys have: few make cancellation likely. */
  readonly groups?: number;
  /** Moves slots of the store at random moments. */
  readonly mixer?: Mixer;
  /** What the store is over; by default it keeps its rows in memory. */
  readonly backend?: BackendOpener;
  /** Called after each step. */
  readonly onStep?: (store: Store) => void;
  /** Called when the store, and all that was open of it, has been closed. */
  readonly onClose?: (store: Store) => void;
  /** How the store is opened; by default as users do. */
  readonly open?: typeof openStore;
}

/**
 * A program drawn from a seed: inserts, reads, snapshots, commits, discards, merges and drops on a store,
 * each answer compared with a plain reference. Everything that decides comes from the seed, so a failing
 * program fails again.
 */
export class RandomProgram {
  readonly environment: SimulatedEnvironment;
  private readonly random: SeededRandom;
  private readonly options: ProgramOptions;
  private store!: Store;
  private trace!: Trace<Key, Value>;
  private model: Model = newModel();
  private acknowledged: Model = newModel();
  private commits = 0;
  private snapshots: { snapshot: Snapshot<Key, Value>; model: Model }[] = [];
  private step = 0;

  constructor(seed: number, options: ProgramOptions) {
    this.random = new SeededRandom(seed);
    this.options = options;
    const { faults } = options;
    this.environment = new SimulatedEnvironment(this.random.uint32(), {
      latencyMsMax: faults === undefined ? 0 : 5,
      ...(faults === undefined ? {} : { faults }),
    });
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(): Promise<void> {
    await this.environment.run(this.runSteps());
  }

  private async runSteps(): Promise<void> {
    await this.open();
    for (this.step = 1; this.step <= this.options.steps; this.step++) {
      const action = this.random.pick(ACTIONS);
      this.environment.note(`step ${this.step}: ${action}`);
      try {
        await this[action]();
        this.options.onStep?.(this.store);
      } catch (cause) {
        throw new Error(
          `step ${this.step}, ${action}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
    }
    await this.commit();
    await this.store.compact();
    this.same("all rows at the end", [...this.read()], this.model.rows());
    for (const { snapshot, model } of this.snapshots)
      this.same("a held snapshot", [...snapshot.rows()], model.rows());
    for (const { snapshot } of this.snapshots) snapshot.close();
    await this.store.close();
    this.options.onClose?.(this.store);
  }

  private async open(): Promise<void> {
    const { random, environment } = this;
    const { mixer, backend, open = mixer === undefined ? openStore : openAssembled } = this.options;
    const options = {
      ...(backend === undefined ? {} : { backend }),
      environment: mixer === undefined ? environment : mixer.environment(environment),
      strategy: tiered({ fanout: random.int(2, 5) }),
      stagingRows: random.pick([1, 2, 7, 64, 1000]),
      batchesMax: random.int(2, 20),
      sliceMs: 1,
    };
    while (this.store === undefined) {
      this.store = (await open(options).catch(onlyIo)) as Store;
    }
    if (mixer !== undefined) this.store = mixer.store(this.store);
    await this.openTrace();
  }

  private async openTrace(): Promise<void> {
    this.trace = (await this.store.trace("t", { key: KEY, value: VALUE })) as unknown as Trace<Key, Value>;
  }

  async insert(): Promise<void> {
    const { key, value, weight } = this.row();
    this.trace.insert(key, value, weight);
    this.model.insert(key, value, weight);
  }

  async retract(): Promise<void> {
    const rows = this.model.rows();
    if (rows.length === 0) return;
    const { key, value, weight } = this.random.pick(rows);
    this.trace.insert(key, value, -weight);
    this.model.insert(key, value, -weight);
  }

  async insertMany(): Promise<void> {
    const rows = this.rows(20);
    const way = this.random.int(0, 2);
    if (way === 0) this.trace.insertAll(rows);
    else if (way === 1) {
      this.trace.insertBatch({
        key: [rows.map(({ key }) => key[0]), rows.map(({ key }) => key[1])],
        value: { n: Int32Array.from(rows, ({ value }) => value.n), t: rows.map(({ value }) => value.t) },
        weight: rows.map(({ weight }) => weight),
      } as never);
    } else {
      using before = this.trace.snapshot();
      this.trace.insertAll(rows);
      using after = this.trace.snapshot();
      const delta = after.since(before);
      this.trace.insertBatch(delta);
      for (const { key, value, weight } of rows) this.model.insert(key, value, weight);
    }
    for (const { key, value, weight } of rows) this.model.insert(key, value, weight);
  }

  async refuse(): Promise<void> {
    const rows = [
      ...this.rows(5),
      { key: [0.5, "x"] as unknown as Key, value: { n: 1, t: null }, weight: 1 },
    ];
    try {
      this.trace.insertAll(rows);
    } catch (error) {
      if (isZspineError(error, "ZSPINE_INVALID_OPTIONS")) return;
      throw error;
    }
    throw new Error("a row that is not of the schema was accepted");
  }

  async lookUp(): Promise<void> {
    const { key, value } = this.row();
    const values = this.model.get(key).map((row) => ({ value: row.value, weight: row.weight }));
    this.same("get", await this.trace.get(key), values);
    this.same("has", await this.trace.has(key), values.length > 0);
    this.same("weight", await this.trace.weight(key, value), this.model.weight(key, value));
  }

  async lookUpMany(): Promise<void> {
    const keys = Array.from({ length: this.random.int(0, 12) }, () => this.row().key);
    const expected = keys.map((key) => this.model.get(key).map(({ value, weight }) => ({ value, weight })));
    this.same("getMany", await this.trace.getMany(keys), expected);
  }

  async readRange(): Promise<void> {
    const { random } = this;
    const range: { -readonly [P in keyof KeyRange<Key>]: KeyRange<Key>[P] } = {};
    if (random.chance(0.6)) range[random.pick(["gt", "gte"] as const)] = this.row().key;
    if (random.chance(0.6)) range[random.pick(["lt", "lte"] as const)] = this.row().key;
    if (random.chance(0.5)) range.reverse = random.chance(0.8);
    if (random.chance(0.3)) range.limit = random.int(0, 6);
    const expected = this.model.rows(range as never);
    const rows: unknown[] = [];
    for await (const row of this.trace.rows(range)) rows.push(row);
    this.same(`rows of ${canonicalText(range)}`, rows, expected);
    const { limit: _, ...unlimited } = range;
    this.same("count", (await this.trace.count(unlimited)).rows, this.model.rows(unlimited as never).length);
  }

  async readPrefix(): Promise<void> {
    const [group] = this.row().key;
    const expected = this.model.rows().filter(({ key }) => key[0] === group);
    const rows: unknown[] = [];
    for await (const chunk of this.trace.chunks({ prefix: [group] })) rows.push(...chunk.rows());
    this.same(`rows with prefix [${group}]`, rows, expected);
  }

  async takeSnapshot(): Promise<void> {
    this.snapshots.push({ snapshot: this.trace.snapshot(), model: this.model.snapshot() });
    if (this.snapshots.length > 4) this.closeSnapshot();
  }

  async compareSnapshots(): Promise<void> {
    if (this.snapshots.length === 0) return;
    const a = this.random.pick(this.snapshots);
    const b = this.random.pick(this.snapshots);
    this.same("rows of a snapshot", [...a.snapshot.rows()], a.model.rows());
    const delta = a.model.snapshot();
    delta.add(b.model, -1);
    this.same("since", [...a.snapshot.since(b.snapshot)], delta.rows());
    const { key } = this.row();
    this.same("get of a snapshot", a.snapshot.get(key).length, a.model.get(key).length);
    if (this.random.chance(0.3)) this.closeSnapshot();
  }

  private closeSnapshot(): void {
    const at = this.random.int(0, this.snapshots.length - 1);
    const [closed] = this.snapshots.splice(at, 1);
    closed!.snapshot.close();
  }

  async commit(): Promise<void> {
    // Until the outcome is known: what is in doubt cannot be told apart by a model of contents.
    for (;;) {
      const content = this.model.snapshot();
      const metadata = { step: this.step };
      try {
        const number = await this.store.commit({ metadata });
        this.acknowledged = content;
        this.commits++;
        this.same("the commit's number", number >= this.commits, true);
        this.same("metadata", this.store.metadata, metadata);
        this.same(
          "no boundary but the snapshots'",
          this.trace.stats().boundaries <= this.snapshots.length,
          true,
        );
        return;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO")) throw error;
      }
    }
  }

  async commitTogether(): Promise<void> {
    const commits: Promise<unknown>[] = [];
    for (let i = 0; i < this.random.int(1, 4); i++) {
      await this.insert();
      commits.push(this.store.commit({ metadata: { i } }).catch(onlyIo));
    }
    await Promise.all(commits);
    await this.commit();
  }

  async discard(): Promise<void> {
    await this.commit();
    await this.insertMany();
    await this.insert();
    this.store.discard();
    this.model = this.acknowledged.snapshot();
    this.same("all rows after discard", [...this.read()], this.model.rows());
  }

  async merge(): Promise<void> {
    if (this.random.chance(0.5)) await this.store.finishMerges();
    else await this.store.compact();
    this.same("all rows after merging", [...this.read()], this.model.rows());
  }

  async drop(): Promise<void> {
    if (!this.random.chance(0.1)) return;
    await this.commit();
    for (const { snapshot } of this.snapshots.splice(0)) snapshot.close();
    while (this.store.has("t")) await this.store.drop("t").catch(onlyIo);
    await this.openTrace();
    this.model = newModel();
    this.acknowledged = newModel();
    this.same("rows of a trace created anew", [...this.read()], []);
  }

  async checkCounts(): Promise<void> {
    const rows = this.model.count();
    this.same("totalWeight", this.trace.totalWeight, this.model.totalWeight());
    this.same("size is an upper bound", this.trace.size >= rows, true);
    this.same("count", (await this.trace.count()).rows, rows);
    const stats = this.trace.stats();
    const { total, ...kinds } = stats.memory;
    this.same(
      "bytes in memory",
      total,
      Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0),
    );
    this.same(
      "rows of levels",
      stats.levels.reduce((sum, level) => sum + level.rows, 0) + stats.stagedRows,
      stats.rows,
    );
  }

  private *read(): Generator<unknown> {
    using snapshot = this.trace.snapshot();
    yield* snapshot.rows();
  }

  private rows(most: number): Rows {
    return Array.from({ length: this.random.int(0, most) }, () => this.row());
  }

  private row(): Rows[number] {
    const { random } = this;
    const key: Key = [random.int(0, this.options.groups ?? 6) - 2, random.pick(NAMES)];
    const value = { n: random.int(-1, 1), t: random.chance(0.2) ? null : random.pick(TEXTS) };
    return { key, value, weight: random.int(-2, 3) };
  }

  private same(what: string, found: unknown, expected: unknown): void {
    const a = canonicalText(found);
    const b = canonicalText(expected);
    if (a !== b) throw new Error(`${what}: found ${a}, expected ${b}`);
  }
}

const ACTIONS = [
  ...Array.from({ length: 20 }, () => "insert" as const),
  ...Array.from({ length: 4 }, () => "retract" as const),
  ...Array.from({ length: 4 }, () => "insertMany" as const),
  ...Array.from({ length: 6 }, () => "lookUp" as const),
  ...Array.from({ length: 2 }, () => "readRange" as const),
  "refuse",
  "lookUpMany",
  "readPrefix",
  "takeSnapshot",
  "takeSnapshot",
  "compareSnapshots",
  "compareSnapshots",
  "commit",
  "commit",
  "commitTogether",
  "discard",
  "merge",
  "drop",
  "checkCounts",
] as const;

function newModel(): Model {
  return new ReferenceZSet<Key, Value>({
    compareKeys: (a, b) => a[0] - b[0] || compareText(a[1], b[1]),
    compareValues: (a, b) => a.n - b.n || compareNullable(a.t, b.t),
  });
}

function compareNullable(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareText(a, b);
}

/** Orders text by code points, which is the order of its UTF-8 bytes. */
function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function onlyIo(error: unknown): undefined {
  if (!isZspineError(error, "ZSPINE_IO")) throw error;
  return undefined;
}
