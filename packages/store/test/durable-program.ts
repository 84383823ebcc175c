import { memory } from "@zspine/backend-memory";
import { chaos, SeededRandom, seededFaults, SimulatedEnvironment } from "@zspine/conformance";
import { deflate, isZspineError, turn, type Backend, type BackendOpener } from "@zspine/core";
import { openStore, tiered, type Snapshot, type Store, type Trace } from "../src/index.ts";
import {
  CommitLedger,
  copyContent,
  describeStore,
  readText,
  SCHEMAS,
  textOfState,
  type Content,
} from "./commit-ledger.ts";
import { DurableModel, textOf, VALUES } from "./durable-model.ts";
import { HoldOracle } from "./hold-oracle.ts";
import type { Mixer } from "./mixture/mixer.ts";
import { retainedPlaces, type RetainedPlaces } from "./retained-places.ts";

type NumberTrace = Trace<number, string>;
const NAMES = ["t", "u"] as const;

/** How a program runs. */
export interface DurableProgramOptions {
  readonly steps: number;
  readonly isFaulty: boolean;
  /** Whether inserts are large enough for batches of several blocks. */
  readonly isBulky: boolean;
  /** Moves slots of the store at random moments. */
  readonly mixer?: Mixer;
  /** How stores are opened; by default as users do. */
  readonly open?: typeof openStore;
}

/**
 * A program drawn from a seed: writes, reads, commits, merges, backups, crashes at any moment and restarts of a
 * store over a medium that fails, beside a plain model. After each opening the content is that of the last
 * commit that was acknowledged, or of one after it whose outcome was not told.
 */
export class DurableProgram {
  readonly environment: SimulatedEnvironment;
  private readonly random: SeededRandom;
  private readonly options: DurableProgramOptions;
  private readonly places: RetainedPlaces;
  private isFailing = false;
  private store!: Store;
  private traces = new Map<string, NumberTrace>();
  private content: Content = new Map();
  private readonly ledger = new CommitLedger();
  readonly holds = new HoldOracle();
  private snapshots: { readonly snapshot: Snapshot<number, string>; readonly text: string }[] = [];
  private backups = 0;

  constructor(seed: number, options: DurableProgramOptions) {
    this.random = new SeededRandom(seed);
    this.options = options;
    const preferredValueBytes = this.random.pick([200, 4096, 65_536]);
    this.places = retainedPlaces(() => memory({ preferredValueBytes }));
    const latencyMsMax = this.random.pick([0, 3]);
    this.environment = new SimulatedEnvironment(this.random.uint32(), { latencyMsMax });
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(): Promise<void> {
    await this.environment.run(this.runSteps());
  }

  private async runSteps(): Promise<void> {
    await this.open();
    for (let step = 1; step <= this.options.steps; step++) {
      const action = this.random.pick(ACTIONS);
      this.environment.note(`step ${step}: ${action}`);
      try {
        // So that the environment sees that something goes on.
        await turn(this.environment);
        await this[action]();
      } catch (cause) {
        throw new Error(
          `step ${step}, ${action}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
    }
    await this.crash();
    await this.restart();
    await this.store.close();
  }

  async insert(): Promise<void> {
    for (let count = this.random.int(1, 6); count > 0; count--) this.insertOne(this.random.int(0, 30));
  }

  async insertMany(): Promise<void> {
    const { random } = this;
    const name = random.pick(NAMES);
    const length = this.options.isBulky ? random.pick([50, 5000, 20_000]) : random.int(5, 60);
    const from = random.int(0, 40) * (this.options.isBulky ? 1000 : 1);
    const [value, weight] = [random.int(0, 2), random.pick([-1, 1, 1, 2])];
    const key = Int32Array.from({ length }, (_, at) => from + at);
    this.traces.get(name)!.insertBatch({
      key,
      value: Array<string>(length).fill(VALUES[value]!),
      weight: new Float64Array(length).fill(weight),
    });
    for (const one of key) this.content.get(name)!.insert(one, value, weight);
  }

  private insertOne(key: number): void {
    const [name, value, weight] = [this.random.pick(NAMES), this.random.int(0, 2), this.random.int(-2, 3)];
    this.traces.get(name)!.insert(key, VALUES[value]!, weight);
    this.content.get(name)!.insert(key, value, weight);
  }

  async commit(): Promise<void> {
    await this.begin();
    await this.ledger.settle();
  }

  /** Calls commit, and does not wait for it. */
  async begin(): Promise<void> {
    const state = this.ledger.next(this.content);
    this.holds.remember(state);
    const durability = this.random.pick(["sync", "relaxed"] as const);
    this.ledger.watch(this.store.commit({ metadata: { n: state.n }, durability }), state);
  }

  /** Waits until no commit is in doubt any more. */
  private async settleAll(): Promise<void> {
    await this.ledger.settle();
    while (!this.ledger.isSettled) await this.commit();
  }

  async discard(): Promise<void> {
    await this.settleAll();
    this.store.discard();
    this.content = copyContent(this.ledger.last.content);
    for (const name of NAMES) if (!this.content.has(name)) this.content.set(name, new DurableModel());
  }

  async drop(): Promise<void> {
    if (!this.random.chance(0.2)) return;
    await this.settleAll();
    this.closeSnapshots();
    const name = this.random.pick(NAMES);
    const { ledger } = this;
    const before = ledger.last;
    const content = copyContent(before.content);
    content.delete(name);
    const dropped = { n: before.n, content };
    ledger.states = [before, dropped];
    try {
      await this.store.drop(name);
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_IO")) throw error;
      if (error.determinate) ledger.states = [before];
      else await this.crashAndRestart();
      return;
    }
    ledger.states = [dropped];
    this.holds.dropped(name);
    this.content.set(name, new DurableModel());
    await this.openTraces();
  }

  async read(): Promise<void> {
    const { random } = this;
    const name = random.pick(NAMES);
    const [trace, model] = [this.traces.get(name)!, this.content.get(name)!];
    const [gte, lt] = random.chance(0.5) ? [random.int(0, 40), random.int(0, 5000)] : [-1, 1e6];
    this.same("rows", await this.retry(async () => readText(trace, { gte, lt })), model.text(gte, lt));
    const key = random.int(0, 30);
    this.same("get", await this.retry(() => trace.get(key)), model.weightsOf(key));
    this.same("count", (await this.retry(() => trace.count())).rows, model.size);
    this.same("totalWeight", trace.totalWeight, model.totalWeight);
  }

  async takeSnapshot(): Promise<void> {
    const name = this.random.pick(NAMES);
    this.snapshots.push({
      snapshot: this.traces.get(name)!.snapshot(),
      text: this.content.get(name)!.text(),
    });
    if (this.snapshots.length > 3) this.snapshots.shift()!.snapshot.close();
  }

  async readSnapshots(): Promise<void> {
    for (const { snapshot, text } of this.snapshots)
      this.same("rows of a snapshot", await this.retry(async () => textOf(snapshot.rows())), text);
    if (this.random.chance(0.3)) this.closeSnapshots();
  }

  private closeSnapshots(): void {
    for (const { snapshot } of this.snapshots.splice(0)) snapshot.close();
  }

  /** Holds a commit, or lets go of one, and may not wait for it. */
  async hold(): Promise<void> {
    this.holds.begin(this.store, this.random);
    if (this.random.chance(0.7)) await this.holds.settle();
  }

  async takeReader(): Promise<void> {
    this.holds.takeReader(this.store, this.random);
  }

  async readHolds(): Promise<void> {
    await this.holds.settle();
    await this.holds.check(this.store, this.traces, this.content, (attempt) => this.retry(attempt));
  }

  async compact(): Promise<void> {
    await onlyIo(this.random.chance(0.5) ? this.store.compact() : this.store.finishMerges());
  }

  async flush(): Promise<void> {
    await onlyIo(this.store.flush());
  }

  async verify(): Promise<void> {
    const { isFailing } = this;
    this.isFailing = false;
    const { problems } = await this.store.verify();
    this.same("problems that verify() finds", problems, []);
    this.isFailing = isFailing;
  }

  async backUp(): Promise<void> {
    await this.settleAll();
    if (this.store.stats().head === 0) return;
    const backend = this.places.opener(`backup ${++this.backups}`);
    const isCopied = await onlyIo(this.store.backup(backend).then(() => true));
    if (isCopied !== true) return;
    const copied = await openStore({ backend, environment: this.environment });
    this.same("a backup", await describeStore(copied), textOfState(this.ledger.last));
    await copied.close();
  }

  async wait(): Promise<void> {
    for (let count = this.random.int(0, 40); count > 0; count--) await Promise.resolve();
    if (this.random.chance(0.3)) await turn(this.environment, 2);
  }

  async reopen(): Promise<void> {
    await this.ledger.settle();
    await this.holds.settle();
    await this.store.close();
    await this.restart();
  }

  /** Kills the process at some moment of something, and starts another. */
  async crashAndRestart(): Promise<void> {
    const work = this.random.pick(["begin", "compact", "flush", "read", "hold"] as const);
    if (this.random.chance(0.7)) void this[work]().catch(() => undefined);
    await this.wait();
    await this.crash();
    await this.restart();
  }

  private async crash(): Promise<void> {
    const { store } = this;
    this.store = undefined as unknown as Store;
    this.ledger.kill();
    this.holds.kill();
    this.places.crash("place");
    void store.close().catch(() => undefined);
  }

  private async restart(): Promise<void> {
    this.snapshots = [];
    this.ledger.kill();
    this.holds.kill();
    await this.open();
    const found = await this.retry(() => describeStore(this.store));
    this.content = copyContent(this.ledger.find(found).content);
    await this.openTraces();
    await this.readHolds();
    if (this.random.chance(0.5)) await this.verify();
  }

  private async open(): Promise<void> {
    const { random } = this;
    const { mixer, open = openStore } = this.options;
    const options = {
      environment: mixer === undefined ? this.environment : mixer.environment(this.environment),
      strategy: tiered({ fanout: random.int(2, 5) }),
      stagingRows: random.pick([1, 3, 20, 1000]),
      batchesMax: random.int(2, 20),
      cacheBytes: random.pick([0, 3000, 2 ** 20]),
      sliceMs: 1,
      ...(random.chance(0.3) ? { compression: deflate() } : {}),
    };
    this.isFailing = this.options.isFaulty && random.chance(0.8);
    const plan = seededFaults(random.uint32(), { rate: 0.1 });
    const wrap = (backend: Backend): Backend =>
      chaos(backend, { plan: (call) => (this.isFailing ? plan(call) : undefined) });
    const place = this.places.opener("place");
    const backend: BackendOpener = { ...place, open: async (how) => wrap(await place.open(how)) };
    const store = await this.retry(() => open({ ...options, backend }));
    this.store = mixer === undefined ? store : mixer.store(store);
    this.holds.found(store, store.traces, NAMES);
    await this.openTraces();
  }

  private async openTraces(): Promise<void> {
    for (const name of NAMES) {
      this.traces.set(name, await this.store.trace(name, { ...SCHEMAS, create: true }));
      if (!this.content.has(name)) this.content.set(name, new DurableModel());
    }
  }

  private async retry<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
      }
    }
  }

  private same(what: string, found: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) throw new Error(`${what}: found ${a}, expected ${b}`);
  }
}

const ACTIONS = [
  ...Array.from({ length: 6 }, () => "insert" as const),
  ...Array.from({ length: 3 }, () => "insertMany" as const),
  ...Array.from({ length: 5 }, () => "commit" as const),
  ...Array.from({ length: 4 }, () => "begin" as const),
  ...Array.from({ length: 3 }, () => "read" as const),
  ...Array.from({ length: 3 }, () => "wait" as const),
  ...Array.from({ length: 3 }, () => "crashAndRestart" as const),
  "takeSnapshot",
  "takeSnapshot",
  "readSnapshots",
  "readSnapshots",
  "compact",
  "compact",
  "flush",
  "verify",
  "backUp",
  "discard",
  "drop",
  "hold",
  "hold",
  "hold",
  "takeReader",
  "readHolds",
  "readHolds",
  "reopen",
] as const;

async function onlyIo<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_IO")) throw error;
    return undefined;
  }
}
