import type { Row } from "@zspine/core";
import type { StoreStats, TraceStats } from "@zspine/store";
import type { Answer } from "./history.ts";
import type { JobReport, Opening } from "./job.ts";
import type { FollowReport, Followed } from "./follow.ts";
import { formatBytes, formatCount, formatNumberOf } from "./number-format.ts";
import type { Result, StatisticsByRoute } from "./result.ts";
import type { Airport, Rank, RankedRoute } from "./schemas.ts";
import { formatTable } from "./text-table.ts";
import { FLIGHTS_MIN, LATE_MINUTES } from "./view.ts";

const DIFFERENCES_SHOWN = 5;
const CHANGES_SHOWN = 10;

/** What a job has taken of the machine. */
export interface Usage {
  readonly peakRssBytes: number;
  /** Where the state is; `undefined` for memory. */
  readonly where: string | undefined;
  /** What the files of its directory take; `undefined` where it is in none. */
  readonly diskBytes: number | undefined;
}

/** Tells what a job goes on from, before it does. */
export function formatOpening(
  { position, recovery }: Opening,
  rowsExpected: number,
  where: string | undefined,
): string {
  if (where === undefined) return "The state is in memory, and gone at the end.";
  if (recovery.head === 0) return `New state in ${where}.`;
  const lines = [
    `Resumed after ${position.day}, head ${recovery.head}: ${formatCount(position.offset)} flights of ` +
      `${formatNumberOf(position.days, "day")}, ${formatBytes(recovery.storedBytes)} in ${where}.`,
  ];
  if (recovery.orphansRemoved > 0) {
    const values = formatNumberOf(recovery.orphansRemoved, "value");
    lines.push(`Of the run before ${values} were left over that no head names: removed.`);
  }
  lines.push(
    ...recovery.problems.map((problem) => `Not as it should be, though nothing is lost: ${problem}`),
  );
  if (position.offset >= rowsExpected) {
    lines.push("All flights that were asked for are there already: nothing is read.");
  }
  return lines.join("\n");
}

/** Writes what a job has found and done. */
export function formatReport(job: JobReport, usage: Usage): string {
  const { position, result, differences = [] } = job;
  const scope = formatScope(result);
  const check = formatCheck(
    scope,
    `are what a recomputation of all ${formatCount(result.flights)} stored flights gives`,
    differences,
  );
  return [formatWorst(`until ${position.day}`, result), formatWork(job, usage), check].join("\n\n");
}

/** Writes what was asked for. */
export function formatAnswer({ question, result, changes, differences }: Answer): string {
  const { after, until } = question;
  if (after === undefined || changes === undefined) {
    const right =
      `are what a recomputation of the ${formatCount(result.flights)} flights until then gives, ` +
      "without what was corrected later";
    const check = formatCheck(formatScope(result), right, differences);
    return [formatWorst(`as known on ${until}`, result), check].join("\n\n");
  }
  const scope = `The changes of ${formatNumberOf(changes.size, "route")}`;
  const check = formatCheck(scope, "are what recomputations as of the two days differ by", differences);
  return [...formatChanges(after, until, changes), check].join("\n\n");
}

/** Tells of a state that was found by one who reads along, in a line. */
export function formatFollowed({ position, result }: Followed): string {
  const [worst] = result.worst;
  const most = worst && `; the worst ${worst.key[1]} → ${worst.key[2]}, ${formatCount(worst.key[0], 1)} min`;
  return `${position.day}  ${formatCount(position.offset)} flights, ${formatNumberOf(result.statistics.size, "route")}${most ?? ""}`;
}

/** Writes what one who reads along has found in the end. */
export function formatFollowReport({ position, result, differences }: FollowReport): string {
  const worst = formatWorst(`until ${position.day}`, result);
  if (differences === undefined) return `${worst}\n\nInterrupted; the state goes on without it.`;
  const right = `are what a recomputation of all ${formatCount(result.flights)} stored flights gives`;
  return `${worst}\n\n${formatCheck(formatScope(result), right, differences)}`;
}

/** Tells how far a job came that was interrupted, and how to go on. */
export function formatInterruption({ position, rowsExpected, stats }: JobReport, usage: Usage): string {
  const { day, days, offset } = position;
  const total = `${formatCount(offset)} of ${formatCount(rowsExpected)} flights, ${formatNumberOf(days, "day")}`;
  const rest =
    usage.where === undefined
      ? "It was in memory, and is gone."
      : `All of it is in ${usage.where}, ${formatBytes(usage.diskBytes ?? stats.storedBytes)}: run the same command again to go on.`;
  return `Interrupted after ${day}, head ${stats.head}: ${total}. ${rest}`;
}

function formatScope({ statistics, worst }: Result): string {
  return `${formatNumberOf(statistics.size, "route")} and the worst ${worst.length}`;
}

function formatWorst(when: string, result: Result): string {
  const heading = `The worst routes ${when}, by mean delay, of those with ${FLIGHTS_MIN} flights and more`;
  if (result.worst.length === 0) return `${heading}: none yet.`;
  const columns = [
    { heading: "", isRight: true },
    { heading: "from" },
    { heading: "to" },
    { heading: "flights", isRight: true },
    { heading: "mean delay", isRight: true },
    { heading: `over ${LATE_MINUTES} min`, isRight: true },
    { heading: "longest", isRight: true },
  ];
  return `${heading}\n\n${formatTable(columns, result.worst.map(formatRoute))}`;
}

function formatRoute({ key, value }: Row<Rank, RankedRoute>, index: number): string[] {
  const [, origin, destination] = key;
  const { flights, meanDelay, lateShare, maxDelay } = value.statistics;
  return [
    `${index + 1}.`,
    formatAirport(origin, value.from),
    formatAirport(destination, value.to),
    formatCount(flights),
    `${formatCount(meanDelay, 1)} min`,
    `${formatCount(lateShare * 100)} %`,
    `${formatCount(maxDelay)} min`,
  ];
}

function formatChanges(after: string, until: string, changes: StatisticsByRoute): string[] {
  const routes = Array.from(changes, ([name, rows]) => ({
    name,
    before: rows.find(({ weight }) => weight < 0)?.value,
    now: rows.find(({ weight }) => weight > 0)?.value,
  }));
  const added = routes.filter(({ before }) => before === undefined).length;
  const ofNew = added === 0 ? "" : `, ${formatCount(added)} of them new`;
  const heading = `After ${after}, up to and with ${until}, the statistics of ${formatNumberOf(routes.length, "route")} have changed${ofNew}`;
  const moved = routes.flatMap(({ name, before, now }) =>
    before === undefined || now === undefined || now.flights < FLIGHTS_MIN
      ? []
      : [{ name, before, now, minutes: now.meanDelay - before.meanDelay }],
  );
  if (moved.length === 0) return [heading];
  moved.sort((a, b) => Math.abs(b.minutes) - Math.abs(a.minutes));
  const right = ["flights", "by then", "mean delay", "by then", "change"];
  const columns = [{ heading: "route" }, ...right.map((name) => ({ heading: name, isRight: true }))];
  const rows = moved
    .slice(0, CHANGES_SHOWN)
    .map(({ name, before, now, minutes }) => [
      name,
      formatCount(before.flights),
      formatCount(now.flights),
      `${formatCount(before.meanDelay, 1)} min`,
      `${formatCount(now.meanDelay, 1)} min`,
      `${minutes < 0 ? "" : "+"}${formatCount(minutes, 1)} min`,
    ]);
  const title = `Those whose mean delay has changed most, of those with ${FLIGHTS_MIN} flights and more by then`;
  return [heading, title, formatTable(columns, rows)];
}

function formatAirport(letters: string, { city, state }: Airport): string {
  // Of cities that share an airport the first is enough.
  return `${city.split("/")[0]}, ${state} (${letters})`;
}

function formatWork(job: JobReport, usage: Usage): string {
  const { opening, stats } = job;
  return [
    ...formatSpeed(job),
    `${formatCount(job.corrections)} flights of earlier days were corrected: the row as it was reported −1, as it is now +1`,
    `  (made up from a seed; ${formatCount(job.pendingCorrections)} more would be due on later days)`,
    `memory: ${formatBytes(stats.memory.total)} in the store; the process ${formatBytes(usage.peakRssBytes)} RSS at its peak`,
    ...(usage.where === undefined ? [] : [formatStored(opening, stats, usage.where, usage.diskBytes)]),
    "",
    formatTraces(stats.traces),
  ].join("\n");
}

function formatSpeed({ opening, position, durations, stats }: JobReport): string[] {
  const { input, steps, turns, check } = durations;
  const seconds = input + steps + turns;
  const rows = position.offset - opening.position.offset;
  const total = `${formatCount(position.offset)} flights of ${formatNumberOf(position.days, "day")}`;
  if (rows === 0) return [`${total}, all of them read before; the check ${check.toFixed(1)} s`];
  const read = rows === position.offset ? "" : `, ${formatCount(rows)} of them now,`;
  return [
    `${total}${read} in ${seconds.toFixed(1)} s: ${formatCount(rows / seconds)} a second`,
    `  reading ${input.toFixed(1)} s, ${formatNumberOf(stats.commits, "step")} ${steps.toFixed(1)} s, ` +
      `merging in idle time ${turns.toFixed(1)} s; then the check ${check.toFixed(1)} s`,
  ];
}

function formatStored(
  { recovery }: Opening,
  stats: StoreStats,
  where: string,
  diskBytes: number | undefined,
): string {
  const { head, commitBytesWritten, mergeBytesWritten, storedBytes } = stats;
  const now = recovery.head === 0 ? "" : " now";
  const taken =
    diskBytes === undefined
      ? `stored: ${formatBytes(storedBytes)} of rows of head ${head} in ${where}`
      : `disk: ${formatBytes(diskBytes)} in ${where}, ${formatBytes(storedBytes)} of them rows of head ${head}`;
  return `${taken}; written${now}: ${formatBytes(commitBytesWritten)} by commits, ${formatBytes(mergeBytesWritten)} by merges`;
}

function formatTraces(traces: Readonly<Record<string, TraceStats>>): string {
  const right = ["rows", "memory", "disk", "batches", "merges", "written per row"];
  const columns = [{ heading: "trace" }, ...right.map((heading) => ({ heading, isRight: true }))];
  const rows = Object.entries(traces).map(([name, stats]) => [
    name,
    formatCount(stats.rows),
    formatBytes(stats.memory.total),
    formatBytes(stats.storedBytes),
    formatCount(stats.batches),
    formatCount(stats.merges),
    formatCount(stats.writeAmplification, 1),
  ]);
  return formatTable(columns, rows);
}

function formatCheck(scope: string, right: string, differences: readonly string[]): string {
  if (differences.length === 0) return `Check: PASS. ${scope} ${right}.`;
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map((difference) => `  ${difference}`);
  const rest = differences.length - shown.length;
  if (rest > 0) shown.push(`  and ${formatCount(rest)} more`);
  return [`Check: FAIL. ${scope} differ from a recomputation:`, ...shown].join("\n");
}
