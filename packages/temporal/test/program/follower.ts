import { isZspineError } from "@zspine/core";
import type { SubscribeOptions } from "../../src/options/temporal-options.ts";
import type { Delivery } from "../../src/subscription/delivery.ts";
import { NEW_FRONTIER } from "../../src/frontier/frontier.ts";
import type { Course } from "./course.ts";
import { textOfRows, textsByTime } from "./oracle.ts";

/** What a consumer keeps, which outlives the process. */
export class Consumer {
  readonly name: string | undefined;
  readonly isNet: boolean;
  /** Where it asks to begin; with everything when missing. */
  readonly from: number | undefined;
  /** The last time whose acknowledgement has resolved; and those that were tried, from there on. */
  private acknowledged = -Infinity;
  private tried = new Set<number>();
  private isBegun = false;
  /** What was given: up to where it goes on, it is never given again, nor corrected. */
  private given: { readonly after: number; readonly until: number; readonly rows: string }[] = [];

  constructor(name: string | undefined, isNet: boolean, from: number | undefined) {
    this.name = name;
    this.isNet = isNet;
    this.from = from;
  }

  /** The furthest that a subscription of it may begin after. */
  get furthest(): number {
    return Math.max(this.from ?? -Infinity, ...this.tried);
  }

  /** Whether nothing was acknowledged, and it began with everything. */
  get isUnheard(): boolean {
    return this.tried.size === 0 && this.from === undefined;
  }

  get options(): SubscribeOptions {
    const { name, isNet, from } = this;
    return { net: isNet, ...(name === undefined ? {} : { name }), ...(from === undefined ? {} : { from }) };
  }

  /** @throws unless a subscription of it may begin after a time. */
  begins(after: number, course: Course): void {
    const start = this.from ?? -Infinity;
    const places = new Set([start, this.acknowledged, ...this.tried]);
    course.holds(
      after >= this.acknowledged && places.has(after),
      `subscription ${this.name} begins after ${after}`,
      {
        start,
        acknowledged: this.acknowledged,
        tried: [...this.tried],
      },
    );
    if (this.isBegun && after === -Infinity) this.given = [];
    this.isBegun = true;
    this.given = this.given.filter(({ until }) => until <= after);
  }

  gives(after: number, until: number, rows: string): void {
    this.given.push({ after, until, rows });
  }

  tries(time: number): void {
    this.tried.add(time);
  }

  hasAcknowledged(time: number): void {
    this.acknowledged = Math.max(this.acknowledged, time);
  }

  /** Forgets what was given and not acknowledged: its process has ended. */
  died(): void {
    this.given = this.given.filter(({ until }) => until <= this.acknowledged);
  }

  /** @throws when what was given is not what there is any more. */
  check(course: Course): void {
    const { oracle } = course.committed;
    for (const { after, until, rows } of this.given)
      course.same(
        `what ${this.name ?? "a subscription"} was given after ${after} up to ${until}`,
        oracle.rows(after, until),
        rows,
      );
  }
}

/** A consumer while it follows. */
export class Follower {
  readonly consumer: Consumer;
  private readonly course: Course;
  private readonly iterator: AsyncIterator<Delivery<number, string>>;
  private last: number | undefined;
  private first: number | undefined;
  private pending: Promise<void> | undefined;
  private readonly unacknowledged: Delivery<number, string>[] = [];
  private isOver = false;
  /** Why it has ended, where it has failed. */
  failure: unknown;
  private fault: unknown;

  constructor(course: Course, consumer: Consumer) {
    this.course = course;
    this.consumer = consumer;
    this.iterator = course.trace.subscribe(consumer.options)[Symbol.asyncIterator]();
  }

  /** What it keeps since from going beyond; `undefined` when nothing is known to be held. */
  get held(): number | undefined {
    if (this.isOver || this.last === undefined) return undefined;
    // What was given first, until something is acknowledged; of one without a name what was given last, unless what it
    // waits for has been read by now.
    if (this.consumer.name !== undefined) return this.consumer.isUnheard ? this.first : undefined;
    return this.pending === undefined ? this.last : undefined;
  }

  /** The last time that it was given. */
  get given(): number {
    return this.isOver ? -Infinity : (this.last ?? -Infinity);
  }

  /**
   * The last time that it may count as given, for that may not be known yet: what it waits for, and once it has ended; and where
   * it has asked to begin, which may be later than what is committed.
   */
  get reached(): number {
    const read = this.pending === undefined ? (this.last ?? -Infinity) : this.course.committed.upper - 1;
    return Math.max(read, this.consumer.furthest);
  }

  /** Whether there is what it has not been given. */
  get isBehind(): boolean {
    const { lastSettled, committed, trace } = this.course;
    if (this.isOver || committed.upper === NEW_FRONTIER.upper || lastSettled < trace.since) return false;
    return (this.last ?? this.consumer.furthest) < lastSettled;
  }

  get hasEnded(): boolean {
    return this.isOver;
  }

  /** Asks for the next delivery, if it waits for none. */
  ask(): void {
    if (this.pending !== undefined || this.isOver) return;
    const { course } = this;
    const from = course.n;
    this.pending = this.iterator.next().then(
      ({ value, done }) => {
        this.pending = undefined;
        if (this.isOver) return;
        if (done === true) {
          course.holds(course.committed.upper === Infinity, "a subscription ends at the end of time", {});
          this.isOver = true;
        } else this.take(value, from);
      },
      (error: unknown) => {
        this.pending = undefined;
        this.isOver = true;
        if (!isZspineError(error)) this.fault = error;
        this.failure = error;
      },
    );
    this.pending.catch((error: unknown) => {
      this.fault ??= error;
    });
  }

  private take(delivery: Delivery<number, string>, from: number): void {
    const { course, consumer } = this;
    const { after, until, rows, times } = delivery;
    if (this.last === undefined) consumer.begins(after, course);
    else course.same("where a delivery begins", after, this.last);
    this.last = until;
    this.first ??= until;
    course.holds(until > after && until < course.committed.upper, `a delivery ends at ${until}`, { after });
    const found = textOfRows(rows, course.values);
    const expected = course.statesFrom(from).map(({ oracle }) => course.living(oracle).rows(after, until));
    course.holds(
      expected.includes(found) || course.mayHaveExpired,
      `a delivery after ${after} up to ${until}`,
      { found, expected },
    );
    course.same("whether times are given", times !== undefined, !consumer.isNet);
    if (times !== undefined && !course.mayHaveExpired) {
      const told = textsByTime(times, course.values);
      // What is folded is at since, as it was when that was read.
      const since = after === -Infinity ? Math.min(course.trace.since, told[0]?.time ?? Infinity) : -Infinity;
      const each = course
        .statesFrom(from)
        .map(({ oracle }) => course.living(oracle).byTime(after, until, since));
      course.holds(
        each.some((one) => JSON.stringify(one) === JSON.stringify(told)),
        "the times of a delivery",
        { told, each },
      );
    }
    if (!course.mayHaveExpired) consumer.gives(after, until, found);
    this.unacknowledged.push(delivery);
  }

  /** Acknowledges one of what was given, mostly the oldest. */
  async acknowledge(): Promise<void> {
    const { random } = this.course;
    const at = random.chance(0.5) ? 0 : this.unacknowledged.length - 1;
    const [delivery] = this.unacknowledged.splice(at, 1);
    if (delivery === undefined) return;
    const { consumer, course } = this;
    consumer.tries(delivery.until);
    const before = course.life;
    const settle = course.settling();
    try {
      await delivery.acknowledge();
    } catch (error) {
      course.mayFail(error, ["ZSPINE_IO", "ZSPINE_CLOSED", "ZSPINE_CONFLICT", "ZSPINE_TIME_PASSED"]);
      return;
    }
    if (before !== course.life || consumer.name === undefined) return;
    settle();
    consumer.hasAcknowledged(delivery.until);
  }

  /** Ends it as a loop that is left does. */
  stop(): void {
    this.isOver = true;
    this.pending = this.iterator.return?.().then(
      () => (this.pending = undefined),
      () => (this.pending = undefined),
    ) as Promise<void> | undefined;
  }

  /** @throws what was wrong with what it was given. */
  check(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}
