import { isZspineError } from "@zspine/core";
import { readAirports } from "./airports.ts";
import { ArgumentError, readArguments, USAGE, type JobArguments } from "./arguments.ts";
import { DataError, findDataFolder, type DataFolder } from "./data-folder.ts";
import { openFlights } from "./flights-source.ts";
import { follow } from "./follow.ts";
import { QuestionError } from "./history.ts";
import { runJob, type JobReport } from "./job.ts";
import { createProgressView, type Output, type ProgressView } from "./progress.ts";
import {
  formatAnswer,
  formatFollowed,
  formatFollowReport,
  formatInterruption,
  formatOpening,
  formatReport,
  type Usage,
} from "./report.ts";
import { dropState } from "./state.ts";
import { bytesIn, directoryOf, formatPlace, StateError } from "./state-place.ts";

/** What the program has around it. */
export interface Surroundings {
  readonly output: Output;
  readonly errors: Output;
  /** Asks it to stop. */
  readonly signal: AbortSignal;
  readonly findData?: () => DataFolder;
}

/** Runs the program; resolves to its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output, errors } = surroundings;
  try {
    const wanted = readArguments(args);
    if (wanted.isFollowing && !wanted.isHelp) return await runFollower(wanted, surroundings);
    if (!wanted.isHelp) return await runWithData(wanted, surroundings);
    output.write(`${USAGE}\n`);
    return 0;
  } catch (error) {
    if (error instanceof ArgumentError) {
      errors.write(`${error.message}\nSee \`npm start -- --help\`.\n`);
      return 2;
    }
    if (error instanceof DataError || error instanceof StateError || error instanceof QuestionError) {
      errors.write(`${error.message}\n`);
      return 1;
    }
    if (isZspineError(error) && OF_THE_STATE.has(error.code)) {
      errors.write(`The state cannot be used: ${error.message} (${error.code})\n`);
      return 1;
    }
    throw error;
  }
}

/** What a user can do something about: the directory, its disk, or who else has it. Others are mistakes of ours. */
const OF_THE_STATE = new Set<string>([
  "ZSPINE_LOCKED",
  "ZSPINE_CONFLICT",
  "ZSPINE_IO",
  "ZSPINE_CORRUPT",
  "ZSPINE_FORMAT",
  "ZSPINE_SCHEMA",
]);

/** Tells success from a failed check (1) and an interruption (130, as shells have it). */
export function exitCodeOf({ differences }: Pick<JobReport, "differences">): number {
  if (differences === undefined) return 130;
  return differences.length === 0 ? 0 : 1;
}

async function runFollower(
  { place, rowsMax }: JobArguments,
  { output, signal }: Surroundings,
): Promise<number> {
  const report = await follow({
    place,
    rowsMax,
    signal,
    onWait: (reason) => output.write(`Waiting: ${reason}\n`),
    onFollow: (followed) => output.write(`${formatFollowed(followed)}\n`),
  });
  if (report === undefined) return 130;
  output.write(`\n${formatFollowReport(report)}\n`);
  return exitCodeOf(report);
}

async function runWithData(
  { rowsMax, place, isFresh, daysKept, question }: JobArguments,
  { output, signal, findData = findDataFolder }: Surroundings,
): Promise<number> {
  const data = findData();
  const airports = await readAirports(data.airports);
  const flights = await openFlights(data.flights, rowsMax);
  const [where, directory] = [formatPlace(place), directoryOf(place)];
  if (isFresh) await dropState(place);
  let view: ProgressView | undefined;
  try {
    const job = await runJob({
      flights,
      airports,
      place,
      daysKept,
      question,
      signal,
      onOpen: (opening) => {
        output.write(`${formatOpening(opening, flights.rows, where)}\n`);
        if (opening.position.offset < flights.rows) view = createProgressView(flights.rows, output);
      },
      onProgress: (progress) => view?.show(progress),
    });
    view?.stop();
    const used = {
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      where,
      diskBytes: directory === undefined ? undefined : await bytesIn(directory),
    };
    output.write(`\n${formatOutcome(job, used)}\n`);
    return exitCodeOf(job);
  } finally {
    view?.stop();
  }
}

function formatOutcome(job: JobReport, used: Usage): string {
  if (job.differences === undefined) return formatInterruption(job, used);
  return job.answer === undefined ? formatReport(job, used) : formatAnswer(job.answer);
}
