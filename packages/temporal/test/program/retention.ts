import { NEW_FRONTIER } from "../../src/frontier/frontier.ts";
import type { Course } from "./course.ts";

/** Asks for what is to be kept, and knows how far since may have gone by that. */
export class Retention {
  private readonly course: Course;
  private lastSince = -Infinity;
  private wanted: number = NEW_FRONTIER.since;

  constructor(course: Course) {
    this.course = course;
  }

  /** Goes on from what heads say. */
  goOn(since: number): void {
    this.lastSince = since;
    this.wanted = Math.max(NEW_FRONTIER.since, since);
  }

  /** Since may have gone back by a discard, but not to before what heads say. */
  discarded(committed: number): void {
    const { since } = this.course.trace;
    this.course.holds(since >= committed, "a discard takes no head back", { since, committed });
    this.lastSince = since;
  }

  advanceSince(): void {
    const { course } = this;
    const { random, trace } = course;
    const { bound } = course.told;
    const time = this.near(-10) + random.int(-2, 8);
    if (!Number.isSafeInteger(time)) return;
    try {
      course.same("what advanceSince() gives", trace.advanceSince(time), trace.since);
    } catch (error) {
      course.mayFail(error, time < bound ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    course.holds(time >= bound, "what was asked for goes up only", { bound, time });
  }

  retain(): void {
    // What is to be kept may be more from now on.
    this.note();
    this.course.trace.retain({ times: this.course.random.pick([0, 1, 3, 10, Infinity]) });
  }

  expire(): void {
    const { course } = this;
    const { trace, random, told } = course;
    if (!random.chance(0.4)) return;
    const { expiry } = told;
    const { since } = trace;
    const times = course.committed.oracle.updates.map(({ time }) => time);
    const before = random.pick([this.near(-5), ...times]) + random.int(-1, 1);
    if (!Number.isSafeInteger(before)) return;
    const isBack = before < expiry;
    const isFolded = before <= since && since > NEW_FRONTIER.since && before !== expiry;
    try {
      trace.expire(before);
    } catch (error) {
      course.mayFail(error, isBack ? ["ZSPINE_TIME_REGRESSED"] : isFolded ? ["ZSPINE_TIME_PASSED"] : []);
      return;
    }
    course.holds(!isBack && !isFolded, "rows are dropped", { before, expiry, since });
  }

  expireKeys(): void {
    const { course } = this;
    const { trace, random, told } = course;
    if (!random.chance(0.15)) return;
    const { leastKey } = told;
    const before = random.int(-4, 3);
    const isBack = leastKey !== null && before < (leastKey[0] as number);
    try {
      trace.expireKeys(before);
    } catch (error) {
      course.mayFail(error, isBack ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    course.holds(!isBack, "rows of keys are dropped", { before, leastKey });
  }

  /** Since goes up only, never to where nobody has asked for it, nor beyond what is held. @param held Times that are. */
  check(held: readonly number[]): void {
    const { course } = this;
    const { trace, told } = course;
    const { since, upper } = trace;
    course.holds(since >= this.lastSince, "since goes up only", { before: this.lastSince, since });
    this.lastSince = since;
    course.same("upper", upper, course.committed.upper);
    this.note();
    const last = Math.max(Math.min(upper - 1, Number.MAX_SAFE_INTEGER), NEW_FRONTIER.since);
    const isAsked = since <= last && since <= this.wanted;
    course.holds(isAsked, "since goes where it may", { since, wanted: this.wanted, last });
    const named = told.holds.filter(({ isExpired, isNew }) => !isExpired && !isNew).map(({ at }) => at);
    const times = [...held, ...named];
    course.holds(
      times.every((at) => since <= at),
      "since is not beyond what is held",
      { since, times },
    );
    const { holders, wanted } = trace.explainSince();
    const isTold = holders.every(({ at }) => at >= since) && wanted >= since;
    course.holds(isTold, "explainSince()", { since, wanted, holders });
  }

  /** Since has gone as far as it may, once commits are done. */
  checkRest(): void {
    const { since, holders, wanted } = this.course.trace.explainSince();
    const least = Math.min(wanted, ...holders.map(({ at }) => at));
    this.course.holds(since >= least, "since goes as far as it may", { since, wanted, holders });
  }

  private near(distance: number): number {
    const { trace, committed } = this.course;
    return Math.max(trace.since, Math.min(committed.upper, 1e13) + distance);
  }

  private note(): void {
    const { bound, keep } = this.course.told;
    const { upper } = this.course.trace;
    const kept = keep === null || upper === Infinity ? -Infinity : upper - 1 - keep;
    this.wanted = Math.max(this.wanted, bound, kept);
  }
}
