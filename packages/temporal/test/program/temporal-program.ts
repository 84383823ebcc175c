import { z } from "zod";
import { SeededRandom, type SimulatedEnvironment } from "@zspine/conformance";
import { deflate, IndexedZSet, isZspineError, turn } from "@zspine/core";
import { openStore, tiered, type Store, type Trace } from "@zspine/store";
import type { Mixer } from "../../../store/test/mixture/mixer.ts";
import { tierOf } from "../../../store/src/store/store-tier.ts";
import { temporalTrace, type TemporalTrace } from "../../src/index.ts";
import { NEW_FRONTIER, upperOf, type Frontier } from "../../src/frontier/frontier.ts";
import type { TimeReader } from "../../src/read/time-reader.ts";
import { checkAnswers } from "./answers.ts";
import type { Course } from "./course.ts";
import { Consumer, Follower } from "./follower.ts";
import { HeadLedger, type CommitState } from "./head-ledger.ts";
import { Holdings } from "./holdings.ts";
import { Oracle, textOfRows, type Update } from "./oracle.ts";
import type { ProgramMedium } from "./program-medium.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };
const BESIDE = { key: z.int32(), value: z.int32() };
const SUBSCRIPTIONS = ["s1", "s2"] as const;
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
}

/**
 * A program drawn from a seed: updates at times, late ones too, advances, holds, subscriptions, retention, commits,
 * merges, crashes and restarts of a temporal trace, beside an oracle that keeps every update in a list. After each step
 * every way to read answers as the oracle at the times that can be read; since is beyond nobody who holds it; after
 * each opening rows, since, upper and holds are those of one head, no older than what was acknowledged.
 */
export class TemporalProgram implements Course {
  readonly random: SeededRandom;
  readonly values: readonly string[];
  trace!: TemporalTrace<number, string>;
  life = 0;
  /** What happened that a run of many seeds should have met. */
  readonly met: Record<string, number> = {};
  private readonly options: TemporalProgramOptions;
  private readonly medium: ProgramMedium;
  private readonly late: "reject" | "advance" | "accept" | "divert";
  private store!: Store;
  private beside!: Trace<number, number>;
  /** What was inserted, and told: it is there when the commit that is called next is. */
  private updates: Update[] = [];
  private upper: number = upperOf(NEW_FRONTIER);
  private ledger = new HeadLedger(NEW_FRONTIER, {
    n: 0,
    oracle: new Oracle([]),
    upper: upperOf(NEW_FRONTIER),
  });
  private calls = 0;
  private readonly underWay = new Set<Promise<void>>();
  private isAfterCut = false;
  private lastSince = -Infinity;
  private wanted = -Infinity;
  private diverted: Update[] = [];
  private readonly holdings: Holdings;
  private readonly consumers = new Map<string, Consumer>();
  private followers: Follower[] = [];
  private readers: { readonly reader: TimeReader<number, string>; readonly rows: string }[] = [];
  private waits: Promise<void>[] = [];

  constructor(
    seed: number,
    medium: (random: SeededRandom) => ProgramMedium,
    options: TemporalProgramOptions,
  ) {
    this.random = new SeededRandom(seed);
    this.options = options;
    this.values = options.isLong === true ? LONG : SHORT;
    this.medium = medium(this.random);
    this.late = this.random.pick(["reject", "advance", "accept", "accept", "divert"] as const);
    this.holdings = new Holdings(this, () => this.medium.environment.now());
  }

  get n(): number {
    return (this.store.metadata as { n?: number }).n ?? 0;
  }

  get committed(): CommitState {
    return this.ledger.stateOf(this.n);
  }

  get mayHaveExpired(): boolean {
    const { expiry, leastKey } = this.ledger.lastEdit;
    return expiry !== NEW_FRONTIER.expiry || leastKey !== null;
  }

  get lastSettled(): number {
    const { upper, oracle } = this.committed;
    const last = Math.max(Math.min(upper - 1, Number.MAX_SAFE_INTEGER), NEW_FRONTIER.since);
    const isCommitted = new Set(oracle.updates);
    return this.updates.reduce(
      (least, update) => (isCommitted.has(update) ? least : Math.min(least, update.time - 1)),
      last,
    );
  }

  statesFrom(n: number): readonly CommitState[] {
    const states: CommitState[] = [];
    for (let at = n; at <= this.n; at++)
      if (at === n || this.ledger.has(at)) states.push(this.ledger.stateOf(at));
    return states;
  }

  living(oracle: Oracle): Oracle {
    if (!this.mayHaveExpired) return oracle;
    const { expiry, leastKey } = this.ledger.lastEdit;
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
        await this[action]();
        if (this.medium.isDown) await this.cut();
        await this.check();
        if (this.medium.isDown) await this.cut();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`step ${step}, ${action}: ${why}`, { cause });
      }
    }
    this.end();
    await this.io(this.store.close());
    for (const wait of this.waits) await wait;
  }

  private get frontier(): Frontier {
    return this.told.committed as Frontier;
  }

  private get told(): { now: unknown; committed: unknown } {
    return tierOf(this.store)
      .traces()
      .find(({ name }) => name === "t")!.told!;
  }

  // What is written

  async insert(): Promise<void> {
    const { random } = this;
    const isLate = random.chance(0.25);
    const from = Number.isFinite(this.upper) && this.upper > -1e15 ? this.upper : random.int(-20, 5);
    const jump = random.chance(0.01) ? 1e12 : 0;
    const time = isLate ? from - random.int(1, 5) : from + random.int(0, 4) + jump;
    const updates = Array.from({ length: random.chance(0.7) ? random.int(1, 5) : random.int(1, 40) }, () => ({
      time,
      key: random.chance(0.5) ? 1 : random.int(-3, 12),
      value: random.int(0, 2),
      weight: random.pick([1, 1, -1, 2]),
    }));
    this.insertAt(time, updates);
  }

  /** Changes one row at many times, of which each can be read. */
  async insertHistory(): Promise<void> {
    const { random } = this;
    if (!Number.isFinite(this.upper) || this.upper < -1e15) return;
    const [key, value] = [random.int(0, 2), random.int(0, 2)];
    const from = this.upper;
    for (let time = from; time < from + random.int(3, 30); time++)
      this.insertAt(time, [{ time, key, value, weight: random.pick([1, 1, -1]) }]);
    this.tellUpper(from + random.int(0, 20));
  }

  private insertAt(time: number, updates: Update[]): void {
    const { trace } = this;
    const before = { since: trace.since, given: this.given };
    const countOf = (): number => Object.values(trace.lateCounts).reduce((sum, count) => sum + count, 0);
    const lateBefore = countOf();
    this.diverted = [];
    const isLate = time < this.upper;
    let count = 0;
    try {
      count = this.insertAny(time, updates);
    } catch (error) {
      this.mayFail(error, ["ZSPINE_TIME_PASSED"]);
      const isReason =
        this.upper === Infinity ||
        this.late === "reject" ||
        (this.late === "accept" && (time < before.since || time <= before.given));
      this.holds(isLate && isReason, "rows are refused", { time, upper: this.upper, ...before });
      return;
    }
    this.same("how many rows came late", countOf() - lateBefore, isLate ? count : 0);
    this.holds(!isLate || this.upper < Infinity, "an insert after the end of time", { time });
    if (!isLate) this.add(updates);
    else if (this.late === "advance") this.add(updates.map((update) => ({ ...update, time: this.upper })));
    else if (this.late === "divert") this.same("rows that were diverted", this.diverted.length, count);
    else {
      this.holds(this.late === "accept" && time >= before.since, "late rows are accepted", {
        time,
        ...before,
      });
      this.holds(time > this.standing, "rows that were given are not corrected", { time, ...before });
      this.add(updates);
    }
  }

  /** Inserts rows in one of the ways there are. Gives how many. */
  private insertAny(time: number, updates: readonly Update[]): number {
    const { trace, values, random } = this;
    const rows = updates.map(({ key, value, weight }) => ({ key, value: values[value]!, weight }));
    const way = random.int(0, 2);
    if (rows.length === 1) trace.insert(time, rows[0]!.key, rows[0]!.value, rows[0]!.weight);
    else if (way === 0) trace.insertAll(time, rows);
    else if (way === 1)
      trace.insertBatch(time, {
        key: Int32Array.from(rows, ({ key }) => key),
        value: rows.map(({ value }) => value),
        weight: Float64Array.from(rows, ({ weight }) => weight),
      });
    else {
      const zset = IndexedZSet.from(SCHEMAS.key, SCHEMAS.value, rows);
      trace.insertBatch(time, zset);
      return zset.batch.length;
    }
    return rows.length;
  }

  private add(updates: readonly Update[]): void {
    this.updates.push(...updates);
    for (const { weight } of updates) this.beside.insert(0, 0, weight);
  }

  /** The last time that may count as given, for what has ended is not known to have at once; and that does. */
  private get given(): number {
    const { holds } = this.told.now as Frontier;
    const named = holds.filter(({ isNew }) => !isNew).map(({ at }) => at);
    const following = this.followers.map(({ reached }) => reached);
    return Math.max(this.holdings.given, ...named, ...following);
  }

  private get standing(): number {
    const following = this.followers.map(({ given }) => given);
    return Math.max(-Infinity, ...this.holdings.times, ...following);
  }

  async advance(): Promise<void> {
    const { random } = this;
    const from = this.upper > -1e15 ? this.upper : random.int(-5, 5);
    const upper = from === Infinity ? 7 : from + (random.chance(0.1) ? -1 : random.int(0, 5));
    if (!Number.isSafeInteger(upper)) return;
    this.tellUpper(upper);
  }

  private tellUpper(upper: number): void {
    const mayNot = upper < this.upper;
    try {
      this.trace.advance(upper);
    } catch (error) {
      this.mayFail(error, mayNot ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    this.holds(!mayNot, "upper goes up only", { before: this.upper, upper });
    this.upper = upper;
  }

  async finish(): Promise<void> {
    if (!this.random.chance(0.1)) return;
    this.trace.finish();
    this.upper = Infinity;
  }

  // What is kept

  async advanceSince(): Promise<void> {
    const { random, trace } = this;
    const { bound } = this.ledger.lastEdit;
    const base = Math.max(trace.since, Math.min(this.upper, 1e13) - 10);
    const time = base + random.int(-2, 8);
    if (!Number.isSafeInteger(time)) return;
    try {
      this.same("what advanceSince() gives", trace.advanceSince(time), trace.since);
    } catch (error) {
      this.mayFail(error, time < bound ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    this.holds(time >= bound, "what was asked for goes up only", { bound, time });
  }

  async retain(): Promise<void> {
    this.noteWanted();
    this.trace.retain({ times: this.random.pick([0, 1, 3, 10, Infinity]) });
  }

  async expire(): Promise<void> {
    const { trace, random } = this;
    if (!random.chance(0.15)) return;
    const { expiry } = this.ledger.lastEdit;
    const { since } = trace;
    const before = Math.max(since, Math.min(this.upper, 1e13) - 5) + random.int(-1, 6);
    if (!Number.isSafeInteger(before)) return;
    const isBack = before < expiry;
    const isFolded = before <= since && since > NEW_FRONTIER.since && before !== expiry;
    try {
      trace.expire(before);
    } catch (error) {
      this.mayFail(error, isBack ? ["ZSPINE_TIME_REGRESSED"] : isFolded ? ["ZSPINE_TIME_PASSED"] : []);
      return;
    }
    this.holds(!isBack && !isFolded, "rows are dropped", { before, expiry, since });
    this.met["expired"] = (this.met["expired"] ?? 0) + 1;
  }

  async expireKeys(): Promise<void> {
    const { trace, random } = this;
    if (!random.chance(0.15)) return;
    const { leastKey } = this.ledger.lastEdit;
    const before = random.int(-4, 3);
    const isBack = leastKey !== null && before < (leastKey[0] as number);
    try {
      trace.expireKeys(before);
    } catch (error) {
      this.mayFail(error, isBack ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    this.holds(!isBack, "rows of keys are dropped", { before, leastKey });
  }

  async takeHold(): Promise<void> {
    await this.holdings.take();
  }

  async advanceHold(): Promise<void> {
    await this.holdings.advance();
  }

  async leaveHold(): Promise<void> {
    await this.holdings.leave();
  }

  async pass(): Promise<void> {
    await this.medium.pass(this.random.pick([10, 100, 1000]));
  }

  // Who follows

  async follow(): Promise<void> {
    const { random, trace } = this;
    if (this.followers.length > 3) return;
    const name = random.chance(0.6) ? random.pick(SUBSCRIPTIONS) : undefined;
    const from = random.chance(0.3) && trace.since > -1e15 ? trace.since + random.int(0, 4) : undefined;
    if (name !== undefined && this.followers.some(({ consumer }) => consumer.name === name)) return;
    const known = name === undefined ? undefined : this.consumers.get(name);
    const consumer = known ?? new Consumer(name, random.chance(0.6), from);
    if (name !== undefined) this.consumers.set(name, consumer);
    const follower = new Follower(this, consumer);
    this.followers.push(follower);
    follower.ask();
  }

  async deliver(): Promise<void> {
    for (const follower of this.followers) if (this.random.chance(0.7)) follower.ask();
    await turn(this.medium.environment);
  }

  async acknowledge(): Promise<void> {
    if (this.followers.length > 0) await this.random.pick(this.followers).acknowledge();
  }

  async unfollow(): Promise<void> {
    if (this.followers.length === 0) return;
    const follower = this.random.pick(this.followers);
    follower.stop();
    // What it was given may be dealt with all the same.
    if (this.random.chance(0.3)) await follower.acknowledge();
    this.forget(follower);
  }

  private forget(follower: Follower): void {
    this.followers = this.followers.filter((other) => other !== follower);
    follower.consumer.died();
  }

  // Commits and merges

  async begin(): Promise<void> {
    const { random, store, life, ledger } = this;
    const n = ++this.calls;
    const durability = random.pick(["sync", "sync", "relaxed"] as const);
    const state = { n, oracle: new Oracle([...this.updates]), upper: this.upper };
    const tell = ledger.called(state, this.frontier.since);
    const done = store.commit({ metadata: { n }, durability }).then(
      () => {
        if (life === this.life) tell(durability);
      },
      (error: unknown) => {
        if (life !== this.life) return;
        this.mayFail(error, ["ZSPINE_IO", "ZSPINE_CLOSED"]);
        if (isZspineError(error) && error.determinate) tell("not done");
      },
    );
    this.underWay.add(done);
    void done.then(() => this.underWay.delete(done));
  }

  async commit(): Promise<void> {
    await this.begin();
    await Promise.all(this.underWay);
  }

  async discard(): Promise<void> {
    await Promise.all(this.underWay);
    // What is in doubt cannot be told by contents.
    for (let tries = 0; this.ledger.newest.n !== this.n && tries < 20; tries++) await this.commit();
    if (this.ledger.newest.n !== this.n) return;
    this.store.discard();
    this.updates = [...this.committed.oracle.updates];
    this.upper = this.committed.upper;
  }

  async compact(): Promise<void> {
    await this.io(this.random.chance(0.6) ? this.store.compact() : this.store.finishMerges());
  }

  async flush(): Promise<void> {
    await this.io(this.store.flush());
  }

  async wait(): Promise<void> {
    for (let count = this.random.int(0, 40); count > 0; count--) await Promise.resolve();
    if (this.random.chance(0.3)) await turn(this.medium.environment, 2);
  }

  // Who reads

  async openReader(): Promise<void> {
    const { random, trace } = this;
    const { since, upper } = trace;
    const last = Math.min(upper - 1, 1e13);
    if (since > last || upper <= NEW_FRONTIER.upper! || this.readers.length > 3) return;
    const time = Math.max(since, last - random.int(0, 5));
    const rows = this.living(this.committed.oracle).rows(-Infinity, time);
    this.readers.push({ reader: trace.asOfNow(time), rows });
  }

  async closeReader(): Promise<void> {
    this.readers.shift()?.reader.close();
  }

  /** Waits for a time that is not complete, or gives it up. */
  async waitFor(): Promise<void> {
    const { random, trace, life, n } = this;
    if (trace.upper < -1e15 || trace.upper > 1e15 || this.waits.length > 2) return;
    const time = Math.max(trace.since, trace.upper + random.int(0, 3));
    const signal = random.chance(0.3) ? AbortSignal.abort() : undefined;
    const wait = trace.asOf(time, { wait: true, ...(signal === undefined ? {} : { signal }) }).then(
      async (reader) => {
        this.holds(
          signal === undefined && this.committed.upper > time,
          `a read as of ${time} that waited`,
          {},
        );
        const expected = this.statesFrom(n).map(({ oracle }) => this.living(oracle).rows(-Infinity, time));
        const expiry = this.mayHaveExpired;
        const found = await this.io(reader.zset());
        reader.close();
        if (found === undefined || expiry) return;
        const text = textOfRows(found, this.values);
        this.holds(expected.includes(text), `as of ${time}, waited for`, { text, expected });
      },
      (error: unknown) => {
        if (life !== this.life) return;
        this.mayFail(error, signal === undefined ? ["ZSPINE_CLOSED"] : ["ZSPINE_ABORTED"]);
      },
    );
    this.waits.push(wait);
    const end = (): void => void (this.waits = this.waits.filter((other) => other !== wait));
    wait.then(end, () => undefined);
    await turn(this.medium.environment);
  }

  // Restarts

  async reopen(): Promise<void> {
    if (this.medium.opener === undefined) return;
    await Promise.all(this.underWay);
    const before = this.frontier;
    const isTold = JSON.stringify(this.told.now) === JSON.stringify(before) && !this.ledger.isInDoubt;
    this.end();
    await this.io(this.store.close());
    if (this.medium.isDown) return;
    await this.restart();
    if (!isTold || this.medium.fail !== undefined) return;
    this.same("what heads say after a restart", JSON.stringify(this.frontier), JSON.stringify(before));
  }

  async crash(): Promise<void> {
    const { medium } = this;
    if (medium.kill === undefined) return;
    if (this.random.chance(0.7)) await this[this.random.pick(["begin", "wait"] as const)]();
    if (this.random.chance(0.3)) void this.store.compact().catch(() => undefined);
    await this.wait();
    this.abandon();
    medium.kill();
    await this.restart();
  }

  async cut(): Promise<void> {
    const { medium } = this;
    if (medium.cut === undefined) return;
    if (!medium.isDown && !this.random.chance(0.5)) return;
    this.abandon();
    medium.cut();
    this.isAfterCut = true;
    await this.restart();
  }

  async fail(): Promise<void> {
    this.medium.fail?.();
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
    for (const follower of this.followers) {
      follower.check();
      follower.stop();
      follower.consumer.died();
    }
    this.followers = [];
    this.readers = [];
    this.holdings.died();
  }

  private async restart(): Promise<void> {
    await this.open();
    if (this.medium.isDown) return;
    const found = this.ledger.find(this.n, this.frontier, this.isAfterCut);
    this.isAfterCut = false;
    this.updates = [...found.oracle.updates];
    this.upper = found.upper;
    this.wanted = this.frontier.since;
    this.watch();
    const weight = this.updates.reduce((sum, update) => sum + update.weight, 0);
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
    };
    for (let tries = 0; ; tries++) {
      try {
        const store = await openStore(
          medium.opener === undefined ? options : { ...options, backend: medium.opener() },
        );
        this.store = mixer === undefined ? store : mixer.store(store);
        break;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        if (medium.cut === undefined) continue;
        medium.cut();
        this.isAfterCut = true;
      }
    }
    const { late } = this;
    const onLate = ({
      time,
      rows,
    }: {
      time: number;
      rows: readonly { key: number; value: string }[];
    }): void => {
      this.diverted = rows.map(({ key }) => ({ time, key, value: 0, weight: 0 }));
    };
    this.beside = await this.store.trace("beside", { ...BESIDE, create: true });
    const given = { ...SCHEMAS, create: true, late, ...(late === "divert" ? { onLate } : {}) };
    this.trace = await temporalTrace(this.store, "t", given);
    this.lastSince = -Infinity;
    if (this.life === 0) this.watch();
  }

  /** Notes what heads are to say of the trace. */
  private watch(): void {
    const state = tierOf(this.store)
      .traces()
      .find(({ name }) => name === "t")!;
    const { edit } = state;
    state.edit = (change): void => {
      edit.call(state, change);
      this.ledger.edited(state.told!.now as Frontier);
      this.ledger.sawSince((state.told!.now as Frontier).since);
    };
  }

  // What must hold

  private async check(): Promise<void> {
    if (this.medium.isDown) return;
    const { trace } = this;
    this.ledger.sawSince(trace.since);
    this.checkSince();
    this.holdings.check();
    for (const follower of this.followers) {
      follower.check();
      if (follower.hasEnded) this.ended(follower);
    }
    const isFinal = this.mayHaveExpired;
    for (const { consumer } of this.followers) if (!isFinal) consumer.check(this);
    for (const { reader, rows } of this.readers) {
      const found = await this.io(reader.zset());
      if (found !== undefined)
        this.same(`a reader as of ${reader.until} that is open`, textOfRows(found, this.values), rows);
    }
    for (const wait of this.waits) await Promise.race([wait, Promise.resolve()]);
    if (!this.medium.isDown && (this.medium.cut === undefined || this.random.chance(0.5)))
      await this.answers();
  }

  private async answers(): Promise<void> {
    try {
      await checkAnswers(this);
    } catch (error) {
      // A disk that fails for good is met by the next step.
      if (this.medium.cut === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
    }
  }

  /** Notes how far since may go by what was asked for; what is to be kept may become more. */
  private noteWanted(): void {
    const { bound, keep } = this.told.now as Frontier;
    const { upper } = this.trace;
    const kept = keep === null || upper === Infinity ? -Infinity : upper - 1 - keep;
    this.wanted = Math.max(this.wanted, bound, kept);
  }

  /** Since goes up only, is beyond nobody who holds it, and never where nobody has asked for it. */
  private checkSince(): void {
    const { trace } = this;
    const { since } = trace;
    const { holds } = this.told.now as Frontier;
    this.holds(since >= this.lastSince, "since goes up only", { before: this.lastSince, since });
    this.lastSince = since;
    this.same("upper", trace.upper, this.committed.upper);
    const last = Math.min(trace.upper - 1, Number.MAX_SAFE_INTEGER);
    this.noteWanted();
    const isAsked = since <= Math.max(last, NEW_FRONTIER.since) && since <= this.wanted;
    this.holds(isAsked, "since goes where it may", { since, wanted: this.wanted, last });
    for (const hold of holds)
      this.holds(hold.isExpired || hold.isNew || since <= hold.at, "since is not beyond a hold with a name", {
        since,
        hold,
      });
    for (const { reader } of this.readers)
      this.holds(since <= reader.until, "since is not beyond a reader", { since, until: reader.until });
    for (const { held = Infinity } of this.followers)
      this.holds(since <= held, "since is not beyond a subscription", { since, held });
    const { holders, wanted: told } = trace.explainSince();
    this.holds(holders.every(({ at }) => at >= since) && told >= since, "explainSince()", {
      since,
      told,
      holders,
    });
  }

  /** A subscription ends by itself at the end of time, when it has expired, or cannot begin. */
  private ended(follower: Follower): void {
    const { failure } = follower;
    this.forget(follower);
    if (failure === undefined) return;
    this.mayFail(failure, ["ZSPINE_TIME_PASSED", "ZSPINE_IO"]);
  }

  private async io<T>(work: Promise<T>): Promise<T | undefined> {
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
