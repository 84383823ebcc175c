import { isZspineError } from "@zspine/core";
import type { Hold } from "../../src/hold/hold.ts";
import type { Course } from "./course.ts";

const NAMES = ["h1", "h2"] as const;
/** How far a clock may have gone between two looks at it. */
const SLACK_MS = 5;

interface Held {
  readonly hold: Hold;
  readonly lease: number | undefined;
  /** When it was renewed last; missing where a handle stands for it. */
  renewed: number | undefined;
  readonly isCapped: boolean;
  /** What there was as of its time, as long as nothing is dropped by its time. */
  rows: string;
  at: number;
}

/** The holds that a program has taken, and what it knows of them. */
export class Holdings {
  private readonly course: Course;
  private held: Held[] = [];

  constructor(course: Course) {
    this.course = course;
  }

  private now(): number {
    return this.course.environment.now();
  }

  /** Times that since may not go beyond. */
  get times(): number[] {
    return this.held.filter(({ hold }) => isStanding(hold)).map(({ at }) => at);
  }

  /** The last time that a hold has, whether it stands or not. */
  get given(): number {
    return Math.max(-Infinity, ...this.held.map(({ at }) => at));
  }

  async take(): Promise<void> {
    const { course } = this;
    const { random, trace } = course;
    const { since } = trace;
    const name = random.chance(0.5) ? random.pick(NAMES) : undefined;
    const lease = random.chance(0.4) ? random.int(50, 2000) : undefined;
    const renewal = random.chance(0.5) ? ("manually" as const) : undefined;
    const maxBytes = random.chance(0.2) ? random.int(100, 5000) : undefined;
    const at = random.chance(0.5) ? since + random.int(-1, 6) : undefined;
    const given = {
      ...(name === undefined ? {} : { name }),
      ...(lease === undefined ? {} : { lease }),
      ...(renewal === undefined ? {} : { renewal }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(at === undefined || !Number.isSafeInteger(at) ? {} : { at }),
    };
    const { life } = course;
    const before = this.now();
    const [least, last] = [course.lastSettled, course.lastSettledNet];
    let hold: Hold;
    try {
      const taking = trace.hold(given);
      const settle = name === undefined ? undefined : course.settling();
      hold = await taking;
      if (life !== course.life) return;
      settle?.();
    } catch (error) {
      if (life !== course.life) return;
      if (given.at !== undefined && given.at < since) {
        course.holds(isZspineError(error, "ZSPINE_TIME_PASSED"), "a hold below since", { error });
        return;
      }
      course.mayFail(error, least < since ? ["ZSPINE_TIME_AHEAD"] : ["ZSPINE_IO"]);
      // It may have been taken over all the same.
      if (name !== undefined) this.held = this.held.filter((other) => other.hold.name !== name);
      return;
    }
    course.holds(last >= since, "a hold of what is to be corrected is refused", { last, since });
    course.holds(given.at === undefined || given.at >= since, "a hold below since is refused", given);
    if (name !== undefined) this.held = this.held.filter((other) => other.hold.name !== name);
    if (!isStanding(hold)) return;
    const isAmong = (placeOf: (last: number) => number): boolean =>
      hold.at >= placeOf(least) && hold.at <= placeOf(last);
    if (name === undefined)
      course.holds(
        isAmong((to) => Math.max(Math.min(given.at ?? to, to), since)),
        "the time of a hold",
        { at: hold.at, least, last },
      );
    else if (hold.takenOver === undefined)
      course.holds(hold.at >= since && hold.at <= Math.max(last, since), "the time of a hold", {
        at: hold.at,
        last,
      });
    else if (!hold.takenOver.isExpired)
      course.holds(
        isAmong((to) => Math.max(hold.takenOver!.at, Math.min(given.at ?? -Infinity, to))),
        "the time of a hold that was taken over",
        { at: hold.at, least, last },
      );
    course.holds(hold.at >= trace.since, "since is not beyond a hold", { at: hold.at, since: trace.since });
    const renewed = renewal === undefined ? undefined : before;
    const rows = course.committed.oracle.rows(-Infinity, hold.at);
    this.held.push({ hold, lease, renewed, isCapped: maxBytes !== undefined, rows, at: hold.at });
  }

  async advance(): Promise<void> {
    const { course } = this;
    const { random } = course;
    if (this.held.length === 0) return;
    const one = random.pick(this.held);
    if (!isStanding(one.hold)) return;
    const { life } = course;
    const before = one.at;
    const to = before + random.int(-1, 5);
    if (!Number.isSafeInteger(to)) return;
    try {
      const advancing = one.hold.advance(to);
      const settle = one.hold.name === undefined ? undefined : course.settling();
      const obtained = await advancing;
      if (life !== course.life) return;
      settle?.();
      course.holds(to >= before, "a hold does not go back", { before, to });
      course.holds(obtained <= to || obtained === before, "the time obtained", { before, to, obtained });
      if (isStanding(one.hold)) course.same("the time of a hold", one.hold.at, obtained);
      this.moved(one, obtained);
    } catch (error) {
      if (life !== course.life) return;
      if (to < before) {
        course.mayFail(error, ["ZSPINE_TIME_REGRESSED", "ZSPINE_TIME_PASSED"]);
        return;
      }
      course.mayFail(error, ["ZSPINE_IO", "ZSPINE_TIME_PASSED"]);
      // It is in a head, or will be.
      if (isStanding(one.hold)) this.moved(one, one.hold.at);
    }
  }

  private moved(one: Held, at: number): void {
    one.at = at;
    one.rows = this.course.committed.oracle.rows(-Infinity, at);
    if (one.renewed !== undefined && one.hold.name !== undefined) one.renewed = this.now();
  }

  async leave(): Promise<void> {
    const { course } = this;
    const { random } = course;
    if (this.held.length === 0) return;
    const one = random.pick(this.held);
    const { life } = course;
    if (random.chance(0.3) && one.renewed !== undefined && isStanding(one.hold)) {
      one.renewed = this.now();
      one.hold.renew();
      return;
    }
    if (random.chance(0.3)) {
      one.hold[Symbol.dispose]();
      if (one.hold.name !== undefined && one.renewed === undefined) one.renewed = this.now();
      if (one.hold.name === undefined) this.held = this.held.filter((other) => other !== one);
      return;
    }
    this.held = this.held.filter((other) => other !== one);
    try {
      const releasing = one.hold.release();
      const settle = one.hold.name === undefined ? undefined : course.settling();
      await releasing;
      if (life === course.life) settle?.();
    } catch (error) {
      if (life === course.life) course.mayFail(error, ["ZSPINE_IO", "ZSPINE_CONFLICT"]);
    }
  }

  /** Forgets those of a process that has ended. */
  died(): void {
    this.held = [];
  }

  /** @throws when since is beyond one that stands, one stands that may not, or what it holds has changed. */
  check(): void {
    const { course } = this;
    const { trace } = course;
    for (const { hold, lease, renewed, isCapped, at, rows } of this.held) {
      const { state } = hold;
      const idle = renewed === undefined || lease === undefined ? 0 : this.now() - renewed;
      const left = (lease ?? Infinity) - idle;
      if (left < -SLACK_MS) course.same("a hold whose lease is over", state, "expired");
      if (left > SLACK_MS && !isCapped)
        course.holds(state !== "expired", "a hold stands for its lease", { at, left, state });
      if (state === "expired") continue;
      course.same("the time of a hold", hold.at, at);
      course.holds(trace.since <= at, "since is not beyond a hold", { at, since: trace.since });
      if (!course.mayHaveExpired)
        course.same("what is held", course.committed.oracle.rows(-Infinity, at), rows);
    }
  }
}

/** Whether a hold keeps anything, and its handle is the one of its name. */
function isStanding(hold: Hold): boolean {
  try {
    return hold.state !== "expired";
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CONFLICT")) throw error;
    return false;
  }
}
