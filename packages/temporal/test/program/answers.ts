import { add, isZspineError, negate } from "@zspine/core";
import type { TimeReader } from "../../src/read/time-reader.ts";
import type { Course } from "./course.ts";
import { textOfRows, textsByTime } from "./oracle.ts";

/** The times around what has happened that can be read, some of them. */
function timesOf(course: Course): number[] {
  const { since } = course.trace;
  const last = Math.min(course.committed.upper - 1, Number.MAX_SAFE_INTEGER);
  const near = course.committed.oracle.updates.flatMap(({ time }) => [time - 1, time, time + 1]);
  const all = [...new Set([since, since + 1, last - 1, last, ...near])];
  const readable = all.filter((time) => time >= since && time <= last);
  return course.random
    .shuffle(readable)
    .slice(0, 5)
    .sort((a, b) => a - b);
}

/** Reads what was committed at one moment: again, where that has become another meanwhile. Gives nothing when since has. */
async function atOnce<T>(course: Course, read: () => Promise<T>): Promise<T | undefined> {
  const { since } = course.trace;
  for (let tries = 0; tries < 30 && since === course.trace.since; tries++) {
    const before = [course.n, course.trace.since].join();
    try {
      const found = await read();
      if (before === [course.n, course.trace.since].join()) return found;
      if (typeof found === "object" && found !== null && "close" in found)
        (found as { close(): void }).close();
    } catch (error) {
      if (isZspineError(error, "ZSPINE_IO")) continue;
      if (!isZspineError(error, "ZSPINE_TIME_PASSED") || before === [course.n, course.trace.since].join())
        throw error;
    }
  }
  return undefined;
}

/** Reads until the medium does not fail. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
    }
  }
}

/** Compares every way to read a trace with the oracle, at some of the times that can be read. */
export async function checkAnswers(course: Course): Promise<void> {
  await checkRefusals(course);
  const times = timesOf(course);
  for (const time of times) await checkAsOf(course, time);
  if (times.length === 0) return;
  const [a, b] = [course.random.pick(times), course.random.pick(times)];
  await checkChanges(course, Math.min(a, b), Math.max(a, b));
  await checkDiff(course, a, b);
  await checkHistory(course);
}

async function checkRefusals(course: Course): Promise<void> {
  const { trace, random } = course;
  const { since } = trace;
  const below = since - random.int(1, 3);
  if (Number.isSafeInteger(below)) {
    const told = await refusal(trace.asOf(below));
    // Since may have gone on.
    const least = Number(told?.least);
    const isLeast = least >= since && least <= trace.since;
    course.holds(told?.code === "ZSPINE_TIME_PASSED" && isLeast, "a read below since", { told, since });
  }
  const { upper } = trace;
  const ahead = upper + random.int(0, 2);
  if (!Number.isSafeInteger(ahead) || ahead < trace.since) return;
  const told = await refusal(trace.asOf(ahead));
  if (trace.upper === upper) course.same("a read at or above upper", told?.code, "ZSPINE_TIME_AHEAD");
}

async function refusal(read: Promise<Disposable>): Promise<{ code: string; least: unknown } | undefined> {
  try {
    (await read)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (!isZspineError(error)) throw error;
    return { code: error.code, least: (error.cause as { least?: unknown } | undefined)?.least };
  }
}

async function checkAsOf(course: Course, time: number): Promise<void> {
  const { trace, random, values } = course;
  if (time < trace.since || time >= course.committed.upper) return;
  // At once, so that it is of the commit that is acknowledged now.
  using reader = trace.asOfNow(time);
  const oracle = course.living(course.committed.oracle);
  const what = `as of ${time}`;
  const expected = oracle.rows(-Infinity, time);
  await checkReader(course, reader, what, expected);
  const key = random.int(-3, 12);
  const ofKey = oracle.rows(-Infinity, time, key);
  const found = await again(() => reader.get(key));
  course.same(
    `${what}: get(${key})`,
    textOfRows(
      found.map((row) => ({ ...row, key })),
      values,
    ),
    ofKey,
  );
  const [many] = await again(() => reader.getMany([key, key + 1]));
  course.same(`${what}: getMany`, many, found);
  course.same(`${what}: has(${key})`, await again(() => reader.has(key)), ofKey !== "");
  const { value, weight } = found[0] ?? { value: values[0]!, weight: 0 };
  course.same(`${what}: weight`, await again(() => reader.weight(key, value)), weight);
  course.same(
    `${what}: count`,
    (await again(() => reader.count())).rows,
    expected === "" ? 0 : expected.split(" ").length,
  );
  checkNow(course, reader, `${what}, at once`, expected);
}

/** Reads all rows in order, forwards or backwards. */
async function checkReader(
  course: Course,
  reader: TimeReader<number, string>,
  what: string,
  expected: string,
): Promise<void> {
  const { random, values } = course;
  const reverse = random.chance(0.3);
  const rows = await again(async () => {
    const read: { key: number; value: string; weight: number }[] = [];
    for await (const row of reader.rows({ reverse })) read.push(row);
    return read;
  });
  course.same(`${what}: rows`, textOfRows(reverse ? rows.reverse() : rows, values), expected);
  course.holds(reader.size >= rows.length, `${what}: size`, { size: reader.size, rows: rows.length });
}

function checkNow(course: Course, reader: TimeReader<number, string>, what: string, expected: string): void {
  try {
    course.same(what, textOfRows(reader.now.rows(), course.values), expected);
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_NOT_RESIDENT") && !isZspineError(error, "ZSPINE_IO")) throw error;
  }
}

/** asOf(until) = asOf(after) + changes(after, until], and each of the three is the oracle's. */
async function checkChanges(course: Course, after: number, until: number): Promise<void> {
  const { trace, values } = course;
  // Since may have gone on.
  if (after < trace.since) return;
  const what = `changes after ${after} up to ${until}`;
  const zsets = await atOnce(course, async () => {
    using first = await trace.asOf(after);
    using changed = await trace.changes({ after, until });
    using second = await trace.asOf(until);
    const { committed } = course;
    return [committed, await first.zset(), await changed.zset(), await second.zset()] as const;
  });
  if (zsets === undefined) return;
  const [{ oracle }, first, changed, second] = zsets;
  course.same(
    `asOf(${until}) = asOf(${after}) + changes`,
    textOfRows(add(first, changed), values),
    textOfRows(second, values),
  );
  course.same(what, textOfRows(changed, values), course.living(oracle).rows(after, until));
  course.same(`as of ${until}`, textOfRows(second, values), course.living(oracle).rows(-Infinity, until));
  const each = await atOnce(
    course,
    async () => [course.committed, await trace.changesByTime({ after, until })] as const,
  );
  if (each === undefined) return;
  course.same(
    `${what}, by time`,
    textsByTime(each[1], values),
    course.living(each[0].oracle).byTime(after, until, -Infinity),
  );
}

async function checkDiff(course: Course, from: number, to: number): Promise<void> {
  if (Math.min(from, to) < course.trace.since) return;
  const found = await atOnce(
    course,
    async () => [course.committed, await course.trace.diff(from, to)] as const,
  );
  if (found === undefined) return;
  const [{ oracle }, diff] = found;
  const rows = from <= to ? diff : negate(diff);
  const [after, until] = [Math.min(from, to), Math.max(from, to)];
  course.same(
    `diff(${from}, ${to})`,
    textOfRows(rows, course.values),
    course.living(oracle).rows(after, until),
  );
}

async function checkHistory(course: Course): Promise<void> {
  const { trace, random, values } = course;
  const key = random.int(-3, 12);
  const told = await atOnce(
    course,
    async () => [course.committed, trace.since, await trace.history(key), await trace.times()] as const,
  );
  if (told === undefined) return;
  const [{ oracle, upper }, since, history, times] = told;
  const living = course.living(oracle);
  course.same(`history(${key})`, history, living.history(key, upper - 1, since, values));
  course.same("times()", times, living.times(upper - 1, since));
}
