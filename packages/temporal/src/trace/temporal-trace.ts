import {
  FUNCTION,
  negate,
  refused,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
} from "@zspine/core";
import type { Timed } from "@zspine/core/engine";
import type { TraceStats } from "@zspine/store";
import { checkRows, refuseArgument, type TraceSeam } from "@zspine/store/trace-kind";
import { upperOf, type Frontier } from "../frontier/frontier.ts";
import { compareKeys, keyAsJson } from "../frontier/least-key.ts";
import { wantedSince } from "../frontier/settle.ts";
import type { SinceHolder } from "../hold/hold-book.ts";
import type { HoldEvent } from "../hold/hold-event.ts";
import type { Hold, HoldOptions } from "../hold/hold.ts";
import { hold } from "../state/take-hold.ts";
import { partByTime, type ChangesAt, type ReaderOwner, type TimeReader } from "../read/time-reader.ts";
import { TimeReads } from "../read/time-reads.ts";
import { Follower } from "../subscription/follower.ts";
import type { Delivery } from "../subscription/delivery.ts";
import { checkTime, FIRST_TIME, timePassed, timeRegressed, type Time } from "../time/time.ts";
import type { LateCounts, LatePolicy } from "../options/late.ts";
import {
  checkAsOf,
  checkChanges,
  checkChangesByTime,
  checkHold,
  checkRetain,
  checkSignal,
  checkSubscribe,
  checkWait,
  type AsOfOptions,
  type ChangesOptions,
  type RetainOptions,
  type SubscribeOptions,
  type WaitOptions,
} from "../options/temporal-options.ts";
import type { TemporalState } from "../state/temporal-state.ts";
import type { TimedIntake } from "../intake/timed-intake.ts";

/** A change of one row. */
export interface HistoryEntry<V> {
  readonly time: Time;
  /** Whether it stands for all times up to its own, which are not told apart any more. */
  readonly isFolded: boolean;
  readonly value: V;
  readonly weight: number;
}

/** A time at which something has changed. */
export interface TimeEntry {
  readonly time: Time;
  /** Whether it stands for all times up to its own, which are not told apart any more. */
  readonly isFolded: boolean;
}

/** What holds history back, and what was asked for: see {@link TemporalTrace.explainSince}. */
export interface SinceReport {
  readonly since: Time;
  readonly upper: number;
  /** How far since would go if nobody held it. */
  readonly wanted: Time;
  /** The furthest back first. */
  readonly holders: readonly SinceHolder[];
}

/** What a temporal trace holds and has done. */
export interface TemporalStats extends TraceStats {
  readonly since: Time;
  readonly upper: number;
  /** How many times before the last complete one are kept, as `retain()` has said; and the time that `advanceSince()` was given. */
  readonly kept: number;
  readonly wanted: Time;
  readonly late: LateCounts;
}

/**
 * A trace whose rows have times. Times below {@link TemporalTrace.upper} are complete; of those, the ones from
 * {@link TemporalTrace.since} on can be read each, and what came before is folded into it:
 *
 * ```text
 * ─────────────────┬───────────────────────────┬──────────────────────►  time
 *     folded     since     can be read each   upper    still being written
 * ```
 *
 * Writing is adding weights, as to any trace, and takes effect with the next commit of the store. Readers see what
 * commits have acknowledged. `store.discard()` takes back what no commit covers: rows, and what was said of times; and what
 * was said of retention and of what is to expire, unless a head says it already, as `flush()`, `compact()` and a hold by name
 * make one, too.
 *
 * Every method throws or rejects with `ZSPINE_CLOSED` once the store is closed or the trace dropped.
 */
export class TemporalTrace<K, V> {
  private readonly state: TemporalState<K, V>;
  private readonly seam: TraceSeam<K, Timed<V>, Frontier>;
  private readonly intake: TimedIntake<K, V>;
  private readonly reads: TimeReads<K, V>;

  /** Use `temporalTrace()`. */
  constructor(state: TemporalState<K, V>, intake: TimedIntake<K, V>) {
    this.state = state;
    this.seam = state.seam;
    this.intake = intake;
    this.reads = new TimeReads(state);
  }

  get name(): string {
    return this.seam.name;
  }

  /** The number of the commit that made it, as of `Trace.created`. */
  get created(): number | undefined {
    return this.seam.created;
  }

  /** How its rows lie in columns, without their times. */
  get layout(): Layout<K, V> {
    return this.state.layout;
  }

  /** Whether every row is also parsed by the schemas. */
  get validates(): boolean {
    return this.seam.validates;
  }

  /** The least time that can be read. */
  get since(): Time {
    this.seam.guard();
    return this.seam.told.since;
  }

  /** The first time that is not complete, as commits have acknowledged it; ∞ after {@link TemporalTrace.finish}. */
  get upper(): number {
    this.seam.guard();
    return this.state.upper;
  }

  /** The last time that is complete; `undefined` where none is. */
  get lastComplete(): Time | undefined {
    this.seam.guard();
    return this.state.upper === FIRST_TIME ? undefined : this.state.lastComplete;
  }

  /** What becomes of rows that come late. */
  get late(): LatePolicy {
    return this.intake.late;
  }

  /** How many rows came late since the store was opened, by what became of them. */
  get lateCounts(): LateCounts {
    return { ...this.intake.counts };
  }

  /** No fewer than the rows with their times that are stored, committed or not; free. */
  get size(): number {
    this.seam.guard();
    return this.seam.size;
  }

  /**
   * Adds `weight` to the weight of a row at a time: 1 unless given, negative to retract. Of a time that is complete, as
   * {@link TemporalTrace.late} says.
   *
   * @throws `ZSPINE_TIME_PASSED` for a row that comes late and is refused; `ZSPINE_WEIGHT_RANGE` when what the row weighs,
   *   all its changes by magnitude, would leave ±(2⁵³−1); `ZSPINE_INVALID_OPTIONS` for what is not of the schema, or no
   *   time. Nothing is applied when it throws.
   */
  insert(time: Time, key: K, value: V, weight = 1): void {
    this.seam.guardWrite("insert into");
    checkTime(time, "time");
    this.intake.insert(time, key, value, weight);
  }

  /** Inserts many rows at a time; none of them when one is refused. Errors as {@link TemporalTrace.insert}. */
  insertAll(time: Time, rows: Iterable<IndexedZSetRowInput<K, V>>): void {
    this.seam.guardWrite("insert into");
    checkTime(time, "time");
    checkRows(rows);
    this.intake.insertAll(time, rows);
  }

  /** Inserts columns, or a Z-set, at a time; all or nothing. Errors as {@link TemporalTrace.insert}, and `ZSPINE_SCHEMA`. */
  insertBatch(time: Time, rows: ColumnarRows<K, V> | IndexedZSet<K, V>): void {
    this.seam.guardWrite("insert into");
    checkTime(time, "time");
    this.intake.insertBatch(time, rows);
  }

  /**
   * Says that times below `upper` are complete, with what was inserted so far: from the next commit on they can be read.
   * Without rows too, so that readers see time go on.
   *
   * @throws `ZSPINE_TIME_REGRESSED` for a time below upper, or after {@link TemporalTrace.finish};
   *   `ZSPINE_INVALID_OPTIONS` when rows that are being inserted call it.
   */
  advance(upper: Time): void {
    this.seam.guardWrite("advance");
    checkTime(upper, "upper");
    this.intake.checkNotTaking();
    const { told } = this.seam;
    const before = upperOf(told);
    if (upper < before)
      throw timeRegressed(`upper of ${this.state.quoted} is ${before} and cannot go back to ${upper}`);
    if (upper > before) this.seam.tell({ ...told, upper });
  }

  /** Says that all times are complete, from the next commit on: subscriptions end then, and inserts are refused. Idempotent. */
  finish(): void {
    refuseArgument(
      "finish",
      arguments[0],
      "it completes all times; for those below one there is advance(upper)",
    );
    this.seam.guardWrite("finish");
    this.intake.checkNotTaking();
    const { told } = this.seam;
    if (told.upper !== null) this.seam.tell({ ...told, upper: null });
  }

  /**
   * Lets history before a time be folded, from the next head on: since goes there, but neither to upper nor beyond what is
   * held; where it stops short it follows later, as upper goes on and holds are let go of. Gives since as it is now.
   *
   * @throws `ZSPINE_TIME_REGRESSED` for a time below what was asked for before.
   */
  advanceSince(time: Time): Time {
    this.seam.guardWrite("advance since of");
    checkTime(time, "time");
    const { bound } = this.seam.told;
    if (time < bound)
      throw timeRegressed(`since of ${this.state.quoted} may go to ${bound} and cannot go back to ${time}`);
    this.state.book.edit((frontier) => ({ ...frontier, bound: Math.max(frontier.bound, time) }), true);
    return this.seam.told.since;
  }

  /** Keeps so many times before the last complete one, and lets history before them be folded as upper goes on. In heads, so that it stays after a restart. */
  retain(given: RetainOptions): void {
    this.seam.guardWrite("set the retention of");
    const { times } = checkRetain(given);
    this.state.book.edit((frontier) => ({ ...frontier, keep: times === Infinity ? null : times }), true);
  }

  /**
   * Drops all rows of times below `before`: they are gone from reads that begin from now on, and from the medium when
   * merges come by; batches of such rows alone without being read.
   *
   * @throws `ZSPINE_TIME_PASSED` when since is not below it, for times up to since are not told apart any more;
   *   `ZSPINE_TIME_REGRESSED` for a time below the one before.
   */
  expire(before: Time): void {
    this.seam.guardWrite("drop rows of");
    checkTime(before, "before");
    const { expiry, since } = this.seam.told;
    if (before < expiry) throw timeRegressed(`rows of ${this.state.quoted} below ${expiry} are gone already`);
    if (before === expiry) return;
    if (before <= since && since > FIRST_TIME)
      throw timePassed(`rows below ${before} cannot be told from others any more`, since);
    this.seam.edit((frontier) => ({ ...frontier, expiry: Math.max(frontier.expiry, before) }), true);
  }

  /**
   * Drops all rows of keys below `before`, as {@link TemporalTrace.expire} drops those of times: where keys begin with a
   * time of their own, say. Keys have to be made of what JSON holds.
   *
   * @throws `ZSPINE_TIME_REGRESSED` for a key below the one before; `ZSPINE_NOT_SUPPORTED` for one that JSON does not hold.
   */
  expireKeys(before: K): void {
    this.seam.guardWrite("drop rows of");
    const { layout, told } = this.state;
    const key = keyAsJson(layout, before);
    const { leastKey } = told;
    const order = leastKey === null ? 1 : compareKeys(layout, key, leastKey[0]);
    if (order < 0)
      throw timeRegressed(
        `rows of ${this.state.quoted} of keys below ${JSON.stringify(leastKey![0])} are gone already`,
      );
    if (order > 0) this.seam.edit((frontier) => ({ ...frontier, leastKey: [key] }), true);
  }

  /**
   * Opens a reader of the rows as of a time: all changes up to it, itself included; by default as of the last that is
   * complete, without rows where none is. Close it.
   *
   * @throws (rejects with) `ZSPINE_TIME_PASSED`, with the least time that can be read, below since; `ZSPINE_TIME_AHEAD` for a
   *   time that is not complete, but where `wait` is set; `ZSPINE_ABORTED`.
   */
  async asOf(given?: Time, options: AsOfOptions = {}): Promise<TimeReader<K, V>> {
    this.seam.guard();
    const { reads } = this;
    const checked = checkAsOf(options);
    const time = given === undefined ? this.state.lastComplete : given;
    checkTime(time, "time");
    if (given === undefined && this.lastComplete === undefined) return reads.window(-Infinity, time);
    const open = (owner: ReaderOwner): TimeReader<K, V> => reads.window(-Infinity, time, owner);
    const { hold: under } = checked;
    return reads.holding(time, time, checked, open, under === undefined ? undefined : () => under.check());
  }

  /** {@link TemporalTrace.asOf}, at once. @throws what that rejects with. */
  asOfNow(given?: Time): TimeReader<K, V> {
    this.seam.guard();
    const time = given === undefined ? this.state.lastComplete : given;
    checkTime(time, "time");
    if (given === undefined && this.lastComplete === undefined) return this.reads.window(-Infinity, time);
    return this.reads.holdingNow(time, (owner) => this.reads.window(-Infinity, time, owner));
  }

  /**
   * Opens a reader of what has changed after one time and up to another, itself included: net, so that
   * asOf(until) = asOf(after) + changes, or with `net: false` each change at its time. Close it.
   *
   * @throws (rejects with) as {@link TemporalTrace.asOf}.
   */
  changes(given: ChangesOptions & { readonly net: false }): Promise<TimeReader<K, Timed<V>>>;
  changes(given: ChangesOptions & { readonly net?: true | undefined }): Promise<TimeReader<K, V>>;
  async changes(given: ChangesOptions): Promise<unknown> {
    this.seam.guard();
    const { after, until, net = true, ...options } = checkChanges(given);
    const { reads } = this;
    return reads.holding<unknown>(after, until, options, (owner) =>
      net ? reads.window(after, until, owner) : reads.timed(after, until, owner),
    );
  }

  /** Tells each change after one time and up to another, itself included, by the times, ascending. Takes memory for all of them. */
  async changesByTime(given: Omit<ChangesOptions, "net">): Promise<readonly ChangesAt<K, V>[]> {
    const options = checkChangesByTime(given);
    using reader = await this.changes({ ...options, net: false });
    return partByTime(await reader.zset({ signal: options.signal }), this.state.layout);
  }

  /** Tells what has to be added to what there was as of one time to get what there was as of another, before it or after. */
  async diff(from: Time, to: Time, given: WaitOptions = {}): Promise<IndexedZSet<K, V>> {
    checkTime(from, "from");
    checkTime(to, "to");
    const options = checkWait(given, "diff");
    using reader = await this.changes({ ...options, after: Math.min(from, to), until: Math.max(from, to) });
    const changed = await reader.zset({ signal: options.signal });
    return from <= to ? changed : negate(changed);
  }

  /**
   * Tells all complete changes of a key by their times, ascending; those of times up to since as one, at since and marked
   * as folded. Costs the changes of the key.
   */
  async history(key: K): Promise<readonly HistoryEntry<V>[]> {
    this.seam.guard();
    using reader = this.reads.timed(-Infinity, this.upper - 1);
    const { since } = this.seam.told;
    const found = await reader.get(key);
    return found
      .map(({ value: { value, time }, weight }) => ({ time, isFolded: time <= since, value, weight }))
      .sort((a, b) => a.time - b.time);
  }

  /** Tells the complete times at which something has changed, ascending; those up to since as one, marked as folded. Reads all rows. */
  async times(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly TimeEntry[]> {
    this.seam.guard();
    using reader = this.reads.timed(-Infinity, this.upper - 1);
    const { since } = this.seam.told;
    const found = new Set<Time>();
    for await (const { part } of reader.chunks({}, options))
      for (const time of part.columns.at(-1)!.heads) found.add(time);
    return [...found].sort((a, b) => a - b).map((time) => ({ time, isFolded: time <= since }));
  }

  /**
   * Holds history: since does not go beyond its time while it stands. One with a name is in heads, and resolves when it is.
   *
   * In a store that was opened as a `guest` the writer is asked for it, which does it when it was opened with `serve`; then
   * `name` and `lease` are to be said. The lease runs by the writer's clock, and `await hold.advance(hold.at)` begins it anew.
   * A time below that of the name's hold is `ZSPINE_TIME_REGRESSED`.
   *
   * @throws (rejects with) `ZSPINE_TIME_PASSED` for a time below since; `ZSPINE_TIME_AHEAD` when rows of since itself have
   *   come late and are not committed; `ZSPINE_INVALID_OPTIONS`.
   */
  async hold(given: HoldOptions = {}): Promise<Hold> {
    if (this.seam.guest === undefined) this.seam.guardWrite("hold");
    this.seam.guard();
    return hold(this.state, checkHold(given));
  }

  /**
   * Follows what changes: all rows, or what has changed after `from`, and then whatever becomes complete by commits, up to
   * {@link TemporalTrace.finish}; each once, in order. What is not asked for waits. By a name, it goes on after what was
   * acknowledged last, after a restart too, or after `from`.
   *
   * @throws (rejects with) `ZSPINE_TIME_PASSED` when since is beyond where it is to begin, or its hold has expired;
   *   `ZSPINE_CONFLICT` when another has taken its name over; `ZSPINE_ABORTED`; `ZSPINE_CLOSED` when the store is closed.
   */
  subscribe(given: SubscribeOptions = {}): AsyncIterable<Delivery<K, V>> {
    this.seam.guard();
    const options = checkSubscribe(given);
    const follower = new Follower(this.state, this.reads);
    return { [Symbol.asyncIterator]: () => follower.deliver(options) };
  }

  /** Tells who keeps since from going on, since when, and how many bytes that takes. */
  explainSince(): SinceReport {
    refuseArgument("explainSince", arguments[0], "it tells of all who hold");
    this.seam.guard();
    // First, for since goes on by it where a lease is over.
    const holders = this.state.book.explain();
    const { told, committed, upper } = this.state;
    // It may be there already, when more was to be kept since.
    const wanted = Math.max(wantedSince(told, committed), told.since);
    return { since: told.since, upper, wanted, holders };
  }

  /** Counts what the trace holds and has done, and what came late. */
  stats(): TemporalStats {
    refuseArgument("stats", arguments[0], "it counts the whole trace");
    const { since, upper, lateCounts } = this;
    const { keep, bound } = this.state.told;
    return { ...this.seam.stats(), since, upper, kept: keep ?? Infinity, wanted: bound, late: lateCounts };
  }

  /** Calls `listener` when the state of a hold has become another, until what is returned is called. */
  onHold(listener: (event: HoldEvent) => void): () => void {
    this.seam.guard();
    if (!FUNCTION.accepts(listener)) throw refused(["onHold"], FUNCTION.expected, listener);
    return this.state.book.listen(listener);
  }

  /** Resolves when a time is complete. @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_CLOSED`. */
  async waitFor(time: Time, given: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.seam.guard();
    checkTime(time, "time");
    const { signal } = checkSignal(given, "waitFor");
    await this.state.untilComplete(time, { signal, wait: true });
  }
}
