import type { Row } from "@zspine/core";
import type { TraceStats } from "@zspine/store";
import type { JobReport } from "./job.ts";
import { formatBytes, formatCount, formatNumberOf } from "./number-format.ts";
import { FLIGHTS_MIN, LATE_MINUTES } from "./pipeline.ts";
import type { Airport, Rank, RankedRoute } from "./schemas.ts";
import { formatTable } from "./text-table.ts";

const DIFFERENCES_SHOWN = 5;

/** Writes what a job has found and done. */
export function formatReport(job: JobReport, peakRssBytes: number): string {
  return [formatWorst(job), formatWork(job, peakRssBytes), formatCheck(job)].join("\n\n");
}

/** Tells how far a job came that was interrupted. */
export function formatInterruption({ days, lastDay, rows, rowsExpected, stats }: JobReport): string {
  const total = `${formatCount(rows)} of ${formatCount(rowsExpected)} flights`;
  const work = `${formatNumberOf(days, "day")} in ${formatNumberOf(stats.commits, "commit")}`;
  return `Interrupted after ${lastDay}: ${total}, ${work}. The store is closed.`;
}

function formatWorst({ lastDay, result }: JobReport): string {
  const heading = `The worst routes until ${lastDay}, by mean delay, of those with ${FLIGHTS_MIN} flights and more`;
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

function formatAirport(letters: string, { city, state }: Airport): string {
  // Of cities that share an airport the first is enough.
  return `${city.split("/")[0]}, ${state} (${letters})`;
}

function formatWork(job: JobReport, peakRssBytes: number): string {
  const { input, operators, commits, turns, check } = job.durations;
  const seconds = input + operators + commits + turns;
  const { stats } = job;
  return [
    `${formatCount(job.rows)} flights of ${formatNumberOf(job.days, "day")} in ${seconds.toFixed(1)} s: ${formatCount(job.rows / seconds)} a second`,
    `  reading ${input.toFixed(1)} s, operators ${operators.toFixed(1)} s, ${formatNumberOf(stats.commits, "commit")} ${commits.toFixed(1)} s, ` +
      `merging in idle time ${turns.toFixed(1)} s; then the check ${check.toFixed(1)} s`,
    `${formatCount(job.corrections)} flights of earlier days were corrected: the row as it was reported −1, as it is now +1`,
    `  (made up from a seed; ${formatCount(job.pendingCorrections)} more would be due on later days)`,
    `memory: ${formatBytes(stats.residentBytes)} in the store; the process ${formatBytes(peakRssBytes)} RSS at its peak`,
    "",
    formatTraces(stats.traces),
  ].join("\n");
}

function formatTraces(traces: Readonly<Record<string, TraceStats>>): string {
  const right = ["rows", "memory", "batches", "merges", "written per row"];
  const columns = [{ heading: "trace" }, ...right.map((heading) => ({ heading, isRight: true }))];
  const rows = Object.entries(traces).map(([name, stats]) => [
    name,
    formatCount(stats.rows),
    formatBytes(stats.residentBytes),
    formatCount(stats.batches),
    formatCount(stats.merges),
    formatCount(stats.writeAmplification, 1),
  ]);
  return formatTable(columns, rows);
}

function formatCheck({ result, differences = [] }: JobReport): string {
  const scope = `${formatCount(result.statistics.size)} routes and the worst ${result.worst.length}`;
  if (differences.length === 0) {
    return `Check: PASS. ${scope} are what a recomputation of all ${formatCount(result.flights)} stored flights gives.`;
  }
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map((difference) => `  ${difference}`);
  const rest = differences.length - shown.length;
  if (rest > 0) shown.push(`  and ${formatCount(rest)} more`);
  return [`Check: FAIL. ${scope} differ from a recomputation:`, ...shown].join("\n");
}
