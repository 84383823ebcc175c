import { SeededRandom, SimulatedEnvironment } from "@zspine/conformance";
import { isZspineError, turn, type Backend, type BackendOpener } from "@zspine/core";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { openStore, tiered, type Store, type Trace } from "../../src/index.ts";
import { copyContent, describeStore, SCHEMAS, textOfState, type Content } from "../commit-ledger.ts";
import { DurableModel, VALUES } from "../durable-model.ts";
import { HoldOracle } from "../hold-oracle.ts";
import { CutLedger } from "./cut-ledger.ts";

const NAMES = ["t", "u"] as const;
const PLACE = "/disk/store";

/** A file system as backend-file asks for it. */
type Medium = ReturnType<LosingMedium["open"]>;

/** A fault that was mended, put back from outside. */
export interface CutMutant {
  store?(store: Store): void;
  backend?(backend: Backend, medium: Medium, location: string): Backend;
}

/**
 * A program drawn from a seed: writes, synced and relaxed commits, merges, compaction, drops, backups, closing, over
 * files on a medium that loses what was not synced. The power fails at any moment, processes are killed, syncs fail
 * once and for good. Each time the store opens by itself, at the last synced commit or a later one, holds what the
 * model held there, and verifies.
 */
export class CutProgram {
  readonly environment: SimulatedEnvironment;
  readonly medium = new LosingMedium();
  /** How often the power has failed, and heads were passed over at opening. */
  cuts = 0;
  passedOver = 0;
  private readonly random: SeededRandom;
  private readonly mutant: CutMutant;
  private store!: Store;
  private readonly traces = new Map<string, Trace<number, string>>();
  private content: Content = new Map();
  private readonly ledger = new CutLedger();
  readonly holds = new HoldOracle();
  /** Whether the power has failed since the store was open. */
  private isAfterCut = false;
  private places = 0;
  private readonly backups = new Map<string, string>();

  constructor(seed: number, mutant: CutMutant = {}) {
    this.random = new SeededRandom(seed);
    this.mutant = mutant;
    this.environment = new SimulatedEnvironment(this.random.uint32());
  }

  /** Runs to the end; throws at the first thing that is not as it must be. */
  async run(steps: number): Promise<void> {
    await this.environment.run(this.runSteps(steps));
  }

  private async runSteps(steps: number): Promise<void> {
    await this.open();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      this.environment.note(`step ${step}: ${action}`);
      try {
        await turn(this.environment);
        await this[action]();
        if (this.medium.isDown) await this.cut();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`step ${step}, ${action}: ${why}`, { cause });
      }
    }
    await this.cut();
    await this.store.close();
  }

  async insert(): Promise<void> {
    for (let count = this.random.int(1, 12); count > 0; count--) {
      const [name, key] = [this.random.pick(NAMES), this.random.int(0, 30)];
      const [value, weight] = [this.random.int(0, 2), this.random.int(-2, 3)];
      this.traces.get(name)!.insert(key, VALUES[value]!, weight);
      this.content.get(name)!.insert(key, value, weight);
    }
  }

  /** Calls commit, and does not wait for it. */
  async begin(): Promise<void> {
    const durability = this.random.pick(["sync", "relaxed", "relaxed"] as const);
    const { store } = this;
    this.ledger.watch((n) => store.commit({ metadata: { n }, durability }), this.content, durability);
    this.holds.remember(this.ledger.newest);
  }

  async commit(): Promise<void> {
    await this.insert();
    await this.begin();
    await this.ledger.settle();
  }

  /** Holds a commit, or lets go of one, and may not wait for it. */
  async hold(): Promise<void> {
    this.holds.begin(this.store, this.random);
    if (this.random.chance(0.6)) await this.holds.settle();
  }

  async takeReader(): Promise<void> {
    this.holds.takeReader(this.store, this.random);
  }

  private async readHolds(): Promise<void> {
    const once = <T>(attempt: () => Promise<T>): Promise<T> => attempt();
    await this.onlyIo(this.holds.check(this.store, this.traces, this.content, once));
  }

  async compact(): Promise<void> {
    await this.onlyIo(this.random.chance(0.7) ? this.store.compact() : this.store.finishMerges());
  }

  async flush(): Promise<void> {
    await this.ledger.settle();
    if ((await this.onlyIo(this.store.flush().then(() => true))) === true) this.ledger.flushed();
  }

  async drop(): Promise<void> {
    await this.ledger.settle();
    const name = this.random.pick(NAMES);
    // What is not committed goes with it.
    this.store.discard();
    const content = copyContent(this.ledger.newest.content);
    content.delete(name);
    const { store } = this;
    this.ledger.watch(() => store.drop(name), content, "sync", false);
    await this.ledger.settle();
    // What has become of it, and of calls before it, opening tells.
    await this.reopen();
  }

  async backUp(): Promise<void> {
    await this.ledger.settle();
    const text = await this.onlyIo(describeStore(this.store));
    if (text === undefined || this.ledger.newest.n === 0) return;
    // Of what is committed: nothing else is there then.
    if (text !== textOfState(this.ledger.newest)) return;
    // One that failed may be there all the same.
    const place = `/backup/${++this.places}`;
    const isCopied = await this.onlyIo(this.store.backup(this.opener(place)).then(() => true));
    if (isCopied === true) this.backups.set(place, text);
  }

  async verify(): Promise<void> {
    const report = await this.onlyIo(this.store.verify());
    this.same("problems that verify() finds", report?.problems ?? [], []);
  }

  async wait(): Promise<void> {
    for (let count = this.random.int(0, 40); count > 0; count--) await Promise.resolve();
    if (this.random.chance(0.3)) await turn(this.environment, 2);
  }

  async reopen(): Promise<void> {
    await this.ledger.settle();
    await this.holds.settle();
    await this.onlyIo(this.store.close());
    if (this.medium.isDown) return;
    await this.restart();
  }

  async kill(): Promise<void> {
    this.abandon();
    this.medium.kill();
    await this.restart();
  }

  /** Lets the power fail at a moment that is near. */
  async cutSoon(): Promise<void> {
    this.medium.cutAt = this.medium.changes + this.random.int(1, 40);
  }

  /** Lets a sync fail that is near, once or for good, or the answer of a write be lost. */
  async failSoon(): Promise<void> {
    const { medium, random } = this;
    if (random.chance(0.2)) medium.loseAnswer(random.int(1, 3));
    else medium.fault = { at: medium.syncs + random.int(1, 12), isLasting: random.chance(0.4) };
  }

  async cut(): Promise<void> {
    this.abandon();
    this.cutPower();
    await this.restart();
    for (const [place, text] of this.backups) await this.checkBackup(place, text);
  }

  private cutPower(): void {
    this.medium.cut(this.random);
    this.cuts++;
    this.isAfterCut = true;
  }

  private abandon(): void {
    const { store } = this;
    this.ledger.kill();
    this.holds.kill();
    void store.close().catch(() => undefined);
  }

  private async restart(): Promise<void> {
    this.ledger.kill();
    this.holds.kill();
    await this.open();
    if (this.medium.isDown) return;
    const found = await this.onlyIo(describeStore(this.store));
    if (found === undefined) return;
    this.content = copyContent(this.ledger.find(found, this.isAfterCut).content);
    this.isAfterCut = false;
    await this.openTraces();
    await this.readHolds();
    await this.verify();
  }

  private async open(): Promise<void> {
    const { environment, random } = this;
    const options = {
      environment,
      strategy: tiered({ fanout: random.int(2, 4) }),
      stagingRows: random.pick([1, 3, 20]),
      batchesMax: random.int(2, 12),
      cacheBytes: random.pick([0, 2 ** 20]),
      sliceMs: 1,
    };
    this.store = await this.retry(() => openStore({ ...options, backend: this.opener(PLACE) }));
    if (this.store.recovery.passedOver !== undefined) this.passedOver++;
    this.holds.found(this.store, this.store.traces, NAMES);
    this.mutant.store?.(this.store);
    await this.openTraces();
  }

  /** Tries to open until the medium fails no more. */
  private async retry(attempt: () => Promise<Store>): Promise<Store> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 2) throw error;
        if (this.medium.isDown || this.random.chance(0.3)) this.cutPower();
        else this.medium.mend();
      }
    }
  }

  private async openTraces(): Promise<void> {
    for (const name of NAMES) {
      this.traces.set(name, await this.store.trace(name, { ...SCHEMAS, create: true }));
      if (!this.content.has(name)) this.content.set(name, new DurableModel());
    }
  }

  private async checkBackup(place: string, text: string): Promise<void> {
    const copy = await openStore({ environment: this.environment, backend: this.opener(place) });
    this.same(`the backup ${place}`, await describeStore(copy), text);
    await copy.close();
  }

  private opener(location: string): BackendOpener {
    const medium = this.medium.open();
    const { backend: wrap } = this.mutant;
    const { random } = this;
    // So that of some programs all values are files, of some none, and that files of the journal are begun often.
    const sizes = {
      valueBytes: random.pick([-1, 150, 1000, 65_536]),
      recordBytes: random.pick([500, 1_000_000]),
      segmentBytes: random.pick([500, 3000, 1_000_000]),
      roomBytes: random.pick([0, 700, 4096]),
    };
    return {
      type: "file",
      open: async (options) => {
        const backend = await openFileBackend(location, medium, options, sizes);
        return wrap === undefined ? backend : wrap(backend, medium, location);
      },
      drop: () => Promise.reject(new Error("nothing drops a place here")),
    };
  }

  private same(what: string, found: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) throw new Error(`${what}: found ${a}, expected ${b}`);
  }

  /** After a failure of the medium that was told, a power cut follows, or the store is closed and opened again. */
  private async onlyIo<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_IO")) throw error;
      return undefined;
    }
  }
}

const ACTIONS = [
  ...Array.from({ length: 5 }, () => "insert" as const),
  ...Array.from({ length: 6 }, () => "commit" as const),
  ...Array.from({ length: 4 }, () => "begin" as const),
  ...Array.from({ length: 3 }, () => "compact" as const),
  ...Array.from({ length: 2 }, () => "wait" as const),
  ...Array.from({ length: 2 }, () => "cut" as const),
  ...Array.from({ length: 3 }, () => "cutSoon" as const),
  ...Array.from({ length: 3 }, () => "failSoon" as const),
  ...Array.from({ length: 2 }, () => "reopen" as const),
  "kill",
  "flush",
  "verify",
  "backUp",
  "hold",
  "hold",
  "hold",
  "takeReader",
  "drop",
] as const;
