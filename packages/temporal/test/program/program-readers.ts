import { turn } from "@zspine/core";
import { NEW_FRONTIER } from "../../src/frontier/frontier.ts";
import type { TimeReader } from "../../src/read/time-reader.ts";
import type { Course } from "./course.ts";
import { textOfRows } from "./oracle.ts";

/** A read of a time that is not complete yet. */
interface Wait {
  readonly time: number;
  /** Whether the time was complete when that was looked at last. */
  isDue: boolean;
  isOver: boolean;
  fault: { readonly error: unknown } | undefined;
}

/** The readers that a program has open, and those that wait for a time to be complete. */
export class ProgramReaders {
  private readonly course: Course;
  private open: { readonly reader: TimeReader<number, string>; readonly rows: string }[] = [];
  private waits: Wait[] = [];

  constructor(course: Course) {
    this.course = course;
  }

  /** Times that since may not go beyond. */
  get times(): number[] {
    return this.open.map(({ reader }) => reader.until);
  }

  openReader(): void {
    const { course } = this;
    const { random, trace } = course;
    const { since, upper } = trace;
    const last = Math.min(upper - 1, 1e13);
    if (since > last || upper <= NEW_FRONTIER.upper! || this.open.length > 3) return;
    const time = Math.max(since, last - random.int(0, 5));
    const rows = course.living(course.committed.oracle).rows(-Infinity, time);
    this.open.push({ reader: trace.asOfNow(time), rows });
  }

  closeReader(): void {
    this.open.shift()?.reader.close();
  }

  /** Waits for a time that is not complete, or gives it up. */
  async waitFor(): Promise<void> {
    const { course } = this;
    const { random, trace } = course;
    if (trace.upper < -1e15 || trace.upper > 1e15 || this.waits.length > 2) return;
    const time = Math.max(trace.since, trace.upper + random.int(0, 3));
    const wait: Wait = { time, isDue: false, isOver: false, fault: undefined };
    const signal = random.chance(0.3) ? AbortSignal.abort() : undefined;
    this.waits.push(wait);
    void this.read(wait, signal)
      .catch((error: unknown) => {
        wait.fault = { error };
      })
      .finally(() => (wait.isOver = true));
    await turn(course.environment);
  }

  private async read(wait: Wait, signal: AbortSignal | undefined): Promise<void> {
    const { course } = this;
    const { life, n } = course;
    const { time } = wait;
    try {
      using reader = await course.trace.asOf(time, { wait: true, signal });
      wait.isOver = true;
      course.holds(signal === undefined && course.committed.upper > time, `as of ${time}, waited for`, {});
      const expected = course.statesFrom(n).map(({ oracle }) => course.living(oracle).rows(-Infinity, time));
      const { mayHaveExpired } = course;
      const found = await course.io(reader.zset());
      if (found === undefined || mayHaveExpired || life !== course.life) return;
      const text = textOfRows(found, course.values);
      course.holds(expected.includes(text), `as of ${time}, waited for`, { text, expected });
    } catch (error) {
      if (life === course.life) course.mayFail(error, signal === undefined ? [] : ["ZSPINE_ABORTED"]);
    }
  }

  /** Forgets those of a process that ends. */
  died(): void {
    this.open = [];
    this.waits = [];
  }

  /** @throws when an open reader reads something else, or what is complete is still waited for. */
  async check(): Promise<void> {
    const { course } = this;
    for (const { reader, rows } of this.open) {
      const found = await course.io(reader.zset());
      if (found !== undefined)
        course.same(`a reader as of ${reader.until} that is open`, textOfRows(found, course.values), rows);
    }
    for (const { fault } of this.waits) if (fault !== undefined) throw fault.error;
    this.waits = this.waits.filter(({ isOver }) => !isOver);
    for (const wait of this.waits) {
      course.holds(!wait.isDue, `a read as of ${wait.time} that is complete goes on`, {});
      wait.isDue = wait.time < course.committed.upper;
    }
  }
}
