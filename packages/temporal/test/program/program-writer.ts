import { IndexedZSet } from "@zspine/core";
import { z } from "zod";
import { NEW_FRONTIER, upperOf } from "../../src/frontier/frontier.ts";
import type { LatePolicy, LateRows } from "../../src/index.ts";
import type { Course } from "./course.ts";
import type { CommitState } from "./head-ledger.ts";
import { Oracle, type Update } from "./oracle.ts";

export const SCHEMAS = { key: z.int32(), value: z.string() };

/** Times above which upper has been told; before that it is before all times. */
const TIMES_FROM = -1e15;

/** What may have been given, so that rows of times up to it may be refused; and what certainly has. */
interface Given {
  readonly most: number;
  readonly least: number;
}

/** Inserts into a trace and tells upper, and knows what is there when the commit that is called next is. */
export class ProgramWriter {
  readonly late: LatePolicy;
  updates: Update[] = [];
  upper: number = upperOf(NEW_FRONTIER);
  private readonly course: Course;
  private readonly given: () => Given;
  private readonly onAdd: (weight: number) => void;
  private diverted = 0;
  /** How far keys go below 0: so far that rows of other keys fill blocks too, where values are long. */
  private readonly keys: number;

  /** @param onAdd Told of the weight of each row that is inserted. */
  constructor(course: Course, given: () => Given, onAdd: (weight: number) => void) {
    this.course = course;
    this.given = given;
    this.onAdd = onAdd;
    this.keys = course.values[1]!.length > 1 ? 40 : 3;
    this.late = course.random.pick(["reject", "advance", "accept", "accept", "divert"]);
  }

  readonly onLate = ({ rows }: LateRows<number, string>): void => {
    this.diverted += rows.length;
  };

  /** Goes on from what a commit has made last. */
  goOn({ oracle, upper }: CommitState): void {
    this.updates = [...oracle.updates];
    this.upper = upper;
  }

  /** What a commit that is called now makes last. */
  state(n: number): CommitState {
    return { n, oracle: new Oracle([...this.updates]), upper: this.upper };
  }

  insert(): void {
    const { random } = this.course;
    const from = Number.isFinite(this.upper) && this.upper > TIMES_FROM ? this.upper : random.int(-20, 5);
    const jump = random.chance(0.01) ? 1e12 : 0;
    const time = random.chance(0.25) ? from - random.int(1, 5) : from + random.int(0, 4) + jump;
    const length = random.chance(0.7) ? random.int(1, 5) : random.int(1, 40);
    this.insertAt(
      time,
      Array.from({ length }, () => ({
        time,
        key: random.chance(0.5) ? 1 : random.int(-this.keys, 12),
        value: this.keys > 3 && random.chance(0.7) ? 2 : random.int(0, 2),
        weight: random.pick([1, 1, -1, 2]),
      })),
    );
  }

  /** Changes one row at many times, of which each can be read. */
  insertHistory(): void {
    const { random } = this.course;
    const from = this.upper;
    if (!Number.isFinite(from) || from < TIMES_FROM) return;
    // A block of one time, whose last row goes over into the next.
    if (random.chance(0.3)) {
      const block = Array.from({ length: 13 }, (_, at) => ({
        time: from,
        key: at - 11,
        value: 1,
        weight: 1,
      }));
      this.insertAt(from, block);
    }
    // Mostly of one row, so that its history reaches over blocks where its value is long.
    const [key, value] = random.chance(0.6) ? [1, 1] : [random.int(0, 2), random.int(0, 2)];
    const until = from + random.int(3, 40);
    for (let time = from; time < until; time++)
      this.insertAt(time, [{ time, key, value, weight: random.pick([1, 1, -1]) }]);
    this.tellUpper(from + random.int(0, 20));
  }

  advance(): void {
    const { random } = this.course;
    const from = this.upper > TIMES_FROM ? this.upper : random.int(-5, 5);
    const upper = from === Infinity ? 7 : from + (random.chance(0.1) ? -1 : random.int(0, 5));
    if (Number.isSafeInteger(upper)) this.tellUpper(upper);
  }

  finish(): void {
    if (!this.course.random.chance(0.1)) return;
    this.course.trace.finish();
    this.upper = Infinity;
  }

  private tellUpper(upper: number): void {
    const { course } = this;
    const mayNot = upper < this.upper;
    try {
      course.trace.advance(upper);
    } catch (error) {
      course.mayFail(error, mayNot ? ["ZSPINE_TIME_REGRESSED"] : []);
      return;
    }
    course.holds(!mayNot, "upper goes up only", { before: this.upper, upper });
    this.upper = upper;
  }

  private insertAt(time: number, updates: readonly Update[]): void {
    const { course, late, upper } = this;
    const { since } = course.trace;
    const { most, least } = this.given();
    const lateBefore = this.lateCount;
    this.diverted = 0;
    const isLate = time < upper;
    const found = { time, upper, since, most, least };
    let count: number;
    try {
      count = this.insertAny(time, updates);
    } catch (error) {
      course.mayFail(error, ["ZSPINE_TIME_PASSED"]);
      const isReason = late === "reject" || (late === "accept" && (time < since || time <= most));
      course.holds(isLate && (upper === Infinity || isReason), "rows are refused", found);
      return;
    }
    course.same("how many rows came late", this.lateCount - lateBefore, isLate ? count : 0);
    course.holds(!isLate || (upper < Infinity && late !== "reject"), "rows are taken", found);
    if (!isLate) this.add(updates);
    else if (late === "advance") this.add(updates.map((update) => ({ ...update, time: upper })));
    else if (late === "divert") course.same("rows that were diverted", this.diverted, count);
    else {
      course.holds(time >= since && time > least, "rows correct what is neither folded nor given", found);
      this.add(updates);
    }
  }

  private get lateCount(): number {
    return Object.values(this.course.trace.lateCounts).reduce((sum, count) => sum + count, 0);
  }

  /** Inserts rows in one of the ways there are. Gives how many. */
  private insertAny(time: number, updates: readonly Update[]): number {
    const { trace, values, random } = this.course;
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
    for (const { weight } of updates) this.onAdd(weight);
  }
}
