import { z } from "zod";
import { memory } from "@zspine/backend-memory";
import { SeededRandom, type SimulatedEnvironment } from "@zspine/conformance";
import {
  deflate,
  isZspineError,
  turn,
  type Backend,
  type BackendOpener,
  type Environment,
  type Placement,
} from "@zspine/core";
import { openStore, tiered, type Store, type StoreOptions, type Trace } from "@zspine/store";
import type { Mixer } from "../../../store/test/mixture/mixer.ts";
import { openAssembled } from "../../../store/test/open-assembled.ts";
import { placedBackend } from "../../../store/test/placed/pressing.ts";
import { tierOf } from "../../../store/src/store/store-tier.ts";
import { temporalTrace, type TemporalTrace } from "../../src/index.ts";
import { NEW_FRONTIER, type Frontier } from "../../src/frontier/frontier.ts";
import { checkAnswers } from "./answers.ts";
import type { Course } from "./course.ts";
import { Followers } from "./followers.ts";
import { HeadLedger, type CommitState } from "./head-ledger.ts";
import { Holdings } from "./holdings.ts";
import { Oracle, type Update } from "./oracle.ts";
import type { ProgramMedium } from "./program-medium.ts";
import { ProgramReaders } from "./program-readers.ts";
import { ProgramWriter, SCHEMAS } from "./program-writer.ts";
import { Retention } from "./retention.ts";

const BESIDE = { key: z.int32(), value: z.int32() };
/** What rows have as values, in order; long ones take many blocks. */
const SHORT = ["", "a", "b"];
const LONG = ["", "a".repeat(20_000), "b"];

/** How a program runs. */
export interface TemporalProgramOptions {
  readonly steps: number;
  /** Whether values are so long that the history of one row lies in several blocks. */
  readonly isLong?: boolean;
  /** Moves slots of the store at random moments. */
  readonly mixer?: Mixer | undefined;
  /** How the store is opened besides, drawn anew at each opening. */
  readonly newOptions?: (() => StoreOptions) | undefined;
  /** What may stay in memory, drawn anew at each opening; by default all. */
  readonly newPlacement?: (() => Placement) | undefined;
}

/**
 * A program drawn from a seed: updates at times, late ones too, advances, holds, subscriptions, retention, commits,
 * merges, crashes and restarts of a temporal trace, beside an oracle that keeps every update in a list. After each step
 * every way to read answers as the oracle at the times that can be read; since is beyond nobody who holds it; after
 * each opening rows, since, upper and holds are those of one head, no older than what was acknowledged.
 */
export class TemporalProgram implements Course {
  readonly random: SeededRandom;
  readonly environment: Environment;
  readonly values: readonly string[];
  trace!: TemporalTrace<number, string>;
  life = 0;
  /** How often each step was made. */
  readonly met: Record<string, number> = {};
  private readonly options: TemporalProgramOptions;
  private readonly medium: ProgramMedium;
  private store!: Store;
  /** A trace that has one row, which weighs what all rows of the other do together. */
  private beside!: Trace<number, number>;
  private readonly ledger: HeadLedger;
  private readonly writer: ProgramWriter;
  private readonly retention: Retention;
  private readonly holdings: Holdings;
  private readonly followers: Followers;
  private readonly readers: ProgramReaders;
  private calls = 0;
  private readonly underWay = new Set<Promise<void>>();
  /** Whether the power has failed since the store was open. */
  private isAfterCut = false;

  constructor(
    seed: number,
    medium: (random: SeededRandom) => ProgramMedium,
    options: TemporalProgramOptions,
  ) {
    this.random = new SeededRandom(seed);
    this.options = options;
    this.values = options.isLong === true ? LONG : SHORT;
    this.medium = medium(this.random);
    this.environment = this.medium.environment;
    this.retention = new Retention(this);
    this.holdings = new Holdings(this);
    this.followers = new Followers(this);
    this.readers = new ProgramReaders(this);
    this.writer = new ProgramWriter(
      this,
      () => this.given,
      (weight) => {
        this.beside.insert(0, 0, weight);
      },
    );
    this.ledger = new HeadLedger(NEW_FRONTIER, this.writer.state(0));
  }

  get n(): number {
    return (this.store.metadata as { n?: number }).n ?? 0;
  }

  get committed(): CommitState {
    return this.ledger.stateOf(this.n);
  }

  get told(): Frontier {
    return this.tolds.now as Frontier;
  }

  get mayHaveExpired(): boolean {
    const { expiry, leastKey } = this.told;
    return expiry !== NEW_FRONTIER.expiry || leastKey !== null;
  }

  get lastSettled(): number {
    return this.settledBefore(this.uncommitted);
  }

  get lastSettledNet(): number {
    const sums = new Map<string, Update>();
    for (const update of this.uncommitted) {
      const { time, key, value } = update;
      const row = JSON.stringify([time, key, value]);
      sums.set(row, { ...update, weight: (sums.get(row)?.weight ?? 0) + update.weight });
    }
    return this.settledBefore([...sums.values()].filter(({ weight }) => weight !== 0));
  }

  private get uncommitted(): readonly Update[] {
    const isCommitted = new Set(this.committed.oracle.updates);
    return this.writer.updates.filter((update) => !isCommitted.has(update));
  }

  private settledBefore(updates: readonly Update[]): number {
    const { upper } = this.committed;
    const last = Math.max(Math.min(upper - 1, Number.MAX_SAFE_INTEGER), NEW_FRONTIER.since);
    return updates.reduce((least, { time }) => Math.min(least, time - 1), last);
  }

  statesFrom(n: number): readonly CommitState[] {
    const states: CommitState[] = [];
    for (let at = n; at <= this.n; at++)
      if (at === n || this.ledger.has(at)) states.push(this.ledger.stateOf(at));
    return states;
  }

  living(oracle: Oracle): Oracle {
    if (!this.mayHaveExpired) return oracle;
    const { expiry, leastKey } = this.told;
    const least = leastKey === null ? -Infinity : (leastKey[0] as number);
    return new Oracle(oracle.updates.filter(({ time, key }) => time >= expiry && key >= least));
  }

  settling(): () => void {
    const { editCount } = this.ledger;
    const { since } = this.frontier;
    return () => {
      this.ledger.raise(editCount, since, "sync");
    };
  }

  /** A digest of all that has happened. */
  get digest(): number {
    return (this.environment as SimulatedEnvironment).digest;
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
        await turn(this.environment);
        this.met[action] = (this.met[action] ?? 0) + 1;
        await this.take(action);
        if (this.medium.isDown) await this.cut();
        await this.check();
        if (this.medium.isDown) await this.cut();
      } catch (cause) {
        throw new Error(`step ${step}, ${action}: ${(cause as Error).message}`, { cause });
      }
    }
    if (this.medium.fail === undefined) await this.rest();
    this.end();
    await this.io(this.store.close());
  }

  private async take(action: (typeof ACTIONS)[number]): Promise<void> {
    const { writer, retention, holdings, followers, readers, medium } = this;
    const steps: Record<(typeof ACTIONS)[number], () => void | Promise<void>> = {
      insert: () => writer.insert(),
      insertHistory: () => writer.insertHistory(),
      advance: () => writer.advance(),
      finish: () => writer.finish(),
      advanceSince: () => retention.advanceSince(),
      retain: () => retention.retain(),
      expire: () => retention.expire(),
      expireKeys: () => retention.expireKeys(),
      takeHold: () => holdings.take(),
      advanceHold: () => holdings.advance(),
      leaveHold: () => holdings.leave(),
      pass: () => medium.pass(this.random.pick([10, 100, 1000])),
      follow: () => followers.follow(),
      deliver: () => followers.deliver(),
      acknowledge: () => followers.acknowledge(),
      unfollow: () => followers.unfollow(),
      openReader: () => readers.openReader(),
      closeReader: () => readers.closeReader(),
      waitFor: () => readers.waitFor(),
      begin: () => this.begin(),
      beginTwice: () => this.beginTwice(),
      commit: () => this.commit(),
      discard: () => this.discard(),
      compact: () => this.compact(),
      flush: () => this.flush(),
      wait: () => this.wait(),
      crash: () => this.crash(),
      reopen: () => this.reopen(),
      cut: () => this.cut(),
      fail: () => medium.fail?.(),
    };
    await steps[action]();
  }

  /** What acknowledged heads say. */
  private get frontier(): Frontier {
    return this.tolds.committed as Frontier;
  }

  private get tolds(): { now: unknown; committed: unknown } {
    return this.state.told!;
  }

  private get state(): ReturnType<ReturnType<typeof tierOf>["traces"]>[number] {
    return tierOf(this.store)
      .traces()
      .find(({ name }) => name === "t")!;
  }

  private get given(): { most: number; least: number } {
    const { holdings, followers, told } = this;
    const named = told.holds.filter(({ isNew }) => !isNew).map(({ at }) => at);
    return {
      most: Math.max(holdings.given, followers.reached, ...named),
      least: Math.max(followers.given, ...holdings.times),
    };
  }

  /** Calls commit, and does not wait for it. */
  private async begin(): Promise<void> {
    const { random, store, life, ledger } = this;
    const n = ++this.calls;
    const durability = random.pick(["sync", "sync", "relaxed"] as const);
    const tell = ledger.called(this.writer.state(n), this.frontier.since);
    const done = store.commit({ metadata: { n }, durability }).then(
      () => {
        if (life === this.life) tell(durability);
      },
      (error: unknown) => {
        if (life !== this.life) return;
        this.mayFail(error, ["ZSPINE_IO"]);
        if (isZspineError(error) && error.determinate) tell("not done");
      },
    );
    this.underWay.add(done);
    void done.then(() => this.underWay.delete(done));
  }

  private async commit(): Promise<void> {
    await this.begin();
    await Promise.all(this.underWay);
  }

  /** Calls commit while another is under way, and goes on writing. */
  private async beginTwice(): Promise<void> {
    const { writer, retention } = this;
    const between = [
      () => writer.insert(),
      () => writer.advance(),
      () => retention.advanceSince(),
      () => retention.retain(),
    ];
    for (let commits = 2; commits > 0; commits--) {
      void this.begin();
      for (let count = this.random.int(0, 3); count > 0; count--) this.random.pick(between)();
    }
    if (this.random.chance(0.3) && this.medium.fail === undefined) await this.discard();
  }

  private async discard(): Promise<void> {
    const isWaiting = this.ledger.isInDoubt && this.medium.fail === undefined;
    if (!isWaiting || this.random.chance(0.5)) {
      await Promise.all(this.underWay);
      // What is in doubt cannot be told by contents.
      for (let tries = 0; this.ledger.newest.n !== this.n && tries < 20; tries++) await this.commit();
      if (this.ledger.newest.n !== this.n) return;
    }
    this.store.discard();
    this.retention.discarded(this.frontier.since);
    const { told } = this;
    const isTaken = this.ledger.isInDoubt || this.state.told!.isEdited || sameTerms(told, this.frontier);
    this.holds(isTaken, "a discard takes back what was asked for and no head says", { told });
    this.ledger.edited(told);
    // A commit that waits keeps what it is to take.
    this.writer.goOn(this.ledger.newest);
  }

  private async compact(): Promise<void> {
    await this.io(this.random.chance(0.6) ? this.store.compact() : this.store.finishMerges());
  }

  private async flush(): Promise<void> {
    await this.io(this.store.flush());
  }

  private async wait(): Promise<void> {
    for (let count = this.random.int(0, 40); count > 0; count--) await Promise.resolve();
    if (this.random.chance(0.3)) await turn(this.environment, 2);
  }

  private async reopen(): Promise<void> {
    if (this.medium.opener === undefined) return;
    await Promise.all(this.underWay);
    const before = this.frontier;
    const isTold = JSON.stringify(this.told) === JSON.stringify(before) && !this.ledger.isInDoubt;
    this.end();
    await this.io(this.store.close());
    if (this.medium.isDown) return;
    await this.restart();
    if (!isTold || this.medium.fail !== undefined) return;
    this.same("what heads say after a restart", JSON.stringify(this.frontier), JSON.stringify(before));
  }

  private async crash(): Promise<void> {
    const { medium } = this;
    if (medium.kill === undefined) return;
    if (this.random.chance(0.7)) await this.begin();
    if (this.random.chance(0.3)) void this.store.compact().catch(() => undefined);
    await this.wait();
    this.abandon();
    medium.kill();
    await this.restart();
  }

  private async cut(): Promise<void> {
    const { medium } = this;
    if (medium.cut === undefined) return;
    if (!medium.isDown && !this.random.chance(0.5)) return;
    this.abandon();
    medium.cut();
    this.isAfterCut = true;
    await this.restart();
  }

  private abandon(): void {
    const { store } = this;
    this.end();
    void store.close().catch(() => undefined);
  }

  /** Forgets what a process that ends knows. */
  private end(): void {
    this.life++;
    this.underWay.clear();
    this.followers.died();
    this.readers.died();
    this.holdings.died();
  }

  private async restart(): Promise<void> {
    await this.open();
    if (this.medium.isDown) return;
    const found = this.ledger.find(this.n, this.frontier, this.isAfterCut);
    this.isAfterCut = false;
    this.writer.goOn(found);
    this.watch();
    // It may have gone on at once.
    this.ledger.sawSince(this.trace.since);
    const weight = found.oracle.updates.reduce((sum, update) => sum + update.weight, 0);
    this.same("the weight of a trace beside it", this.beside.totalWeight, weight);
    const report = await this.io(this.store.verify());
    this.same("problems that verify() finds", report?.problems ?? [], []);
  }

  private async open(): Promise<void> {
    const { random, medium } = this;
    const { mixer } = this.options;
    const { environment } = medium;
    const options = {
      environment: mixer === undefined ? environment : mixer.environment(environment),
      strategy: tiered({ fanout: random.int(2, 5) }),
      stagingRows: random.pick([1, 3, 20, 1000]),
      batchesMax: random.int(2, 20),
      cacheBytes: random.pick([0, 3000, 2 ** 20]),
      sliceMs: random.pick([0.1, 1]),
      ...(random.chance(0.3) ? { compression: deflate() } : {}),
      ...this.options.newOptions?.(),
    };
    for (let tries = 0; ; tries++) {
      try {
        const open = mixer === undefined ? openStore : openAssembled;
        const store = await open({ ...options, backend: this.backend() });
        this.store = mixer === undefined ? store : mixer.store(store);
        break;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        if (medium.cut === undefined) continue;
        medium.cut();
        this.isAfterCut = true;
      }
    }
    const { late, onLate } = this.writer;
    this.beside = await this.store.trace("beside", { ...BESIDE, create: true });
    const given = { ...SCHEMAS, create: true, late, ...(late === "divert" ? { onLate } : {}) };
    this.trace = await temporalTrace(this.store, "t", given);
    this.retention.goOn(this.trace.since);
    if (this.life === 0) this.watch();
  }

  private backend(): Backend | BackendOpener {
    const backend = this.medium.opener?.();
    const placement = this.options.newPlacement?.();
    if (placement === undefined) return backend ?? memory();
    return backend === undefined ? placedBackend(memory(), placement) : placedBackend(backend, placement);
  }

  /** Notes what heads are to say of the trace. */
  private watch(): void {
    const { state } = this;
    const { edit } = state;
    state.edit = (change, isDiscarded): void => {
      edit.call(state, change, isDiscarded);
      this.ledger.edited(state.told!.now as Frontier);
      this.ledger.sawSince((state.told!.now as Frontier).since);
    };
  }

  private async check(): Promise<void> {
    const { medium, trace, retention, holdings, followers, readers } = this;
    if (medium.isDown) return;
    this.ledger.sawSince(trace.since);
    retention.check([...holdings.times, ...followers.times, ...readers.times]);
    holdings.check();
    followers.check();
    await readers.check();
    if (medium.isDown || (medium.cut !== undefined && this.random.chance(0.5))) return;
    try {
      await checkAnswers(this);
    } catch (error) {
      // A disk that fails for good is met by the next step.
      if (medium.cut === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
    }
  }

  /** What must have come about once all is done that was begun. */
  private async rest(): Promise<void> {
    await this.commit();
    await turn(this.environment);
    // Leases that are over by now are seen to be, and since follows.
    this.trace.explainSince();
    this.trace.advanceSince(this.told.bound);
    this.retention.checkRest();
    await this.followers.checkRest();
    await this.check();
    // Since may have gone on by it.
    await this.commit();
    const { since } = this.frontier;
    await this.store.compact();
    if (since !== this.frontier.since) return;
    const left = this.living(this.committed.oracle).byTime(-Infinity, Infinity, since);
    const rows = left.reduce((sum, ofTime) => sum + ofTime.rows.split(" ").length, 0);
    this.same("rows that are left", this.trace.stats().rows, rows);
    await this.check();
  }

  async io<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.mayFail(error, ["ZSPINE_IO"]);
      return undefined;
    }
  }

  same(what: string, found: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) throw new Error(`${what}: found ${shorten(a)}, expected ${shorten(b)}`);
  }

  holds(isTrue: boolean, what: string, found: object): void {
    if (!isTrue) throw new Error(`${what}: found ${shorten(JSON.stringify(found))}`);
  }

  mayFail(error: unknown, codes: readonly string[]): void {
    if (!isZspineError(error) || !codes.includes(error.code)) throw error;
    if (error.code === "ZSPINE_IO" && this.medium.fail === undefined) throw error;
  }
}

const ACTIONS = [
  ...Array.from({ length: 8 }, () => "insert" as const),
  ...Array.from({ length: 2 }, () => "insertHistory" as const),
  ...Array.from({ length: 6 }, () => "advance" as const),
  ...Array.from({ length: 8 }, () => "commit" as const),
  ...Array.from({ length: 4 }, () => "begin" as const),
  ...Array.from({ length: 3 }, () => "beginTwice" as const),
  ...Array.from({ length: 3 }, () => "advanceSince" as const),
  ...Array.from({ length: 3 }, () => "compact" as const),
  ...Array.from({ length: 2 }, () => "takeHold" as const),
  ...Array.from({ length: 2 }, () => "advanceHold" as const),
  ...Array.from({ length: 2 }, () => "leaveHold" as const),
  ...Array.from({ length: 3 }, () => "follow" as const),
  ...Array.from({ length: 4 }, () => "deliver" as const),
  ...Array.from({ length: 3 }, () => "acknowledge" as const),
  ...Array.from({ length: 3 }, () => "crash" as const),
  ...Array.from({ length: 2 }, () => "reopen" as const),
  ...Array.from({ length: 2 }, () => "cut" as const),
  ...Array.from({ length: 2 }, () => "fail" as const),
  ...Array.from({ length: 2 }, () => "wait" as const),
  "retain",
  "expire",
  "expireKeys",
  "finish",
  "pass",
  "unfollow",
  "discard",
  "flush",
  "openReader",
  "closeReader",
  "waitFor",
] as const;

function shorten(text: string | undefined): string | undefined {
  return text === undefined || text.length < 1500 ? text : `${text.slice(0, 1500)}…`;
}

/** Whether two say the same of what is kept and what is gone. */
function sameTerms(a: Frontier, b: Frontier): boolean {
  const terms = ({ bound, keep, expiry, leastKey }: Frontier): string =>
    JSON.stringify([bound, keep, expiry, leastKey]);
  return terms(a) === terms(b);
}
