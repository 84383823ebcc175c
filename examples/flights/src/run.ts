import { readAirports } from "./airports.ts";
import { ArgumentError, readArguments, USAGE } from "./arguments.ts";
import { DataError, findDataFolder, type DataFolder } from "./data-folder.ts";
import { openFlights } from "./flights-source.ts";
import { runJob, type JobReport } from "./job.ts";
import { createProgressView, type Output } from "./progress.ts";
import { formatInterruption, formatReport } from "./report.ts";

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
  try {
    const { isHelp, rowsMax } = readArguments(args);
    if (!isHelp) return await runWithData(rowsMax, surroundings);
    surroundings.output.write(`${USAGE}\n`);
    return 0;
  } catch (error) {
    if (error instanceof ArgumentError) {
      surroundings.errors.write(`${error.message}\nSee \`npm start -- --help\`.\n`);
      return 2;
    }
    if (error instanceof DataError) {
      surroundings.errors.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** Tells success from a failed check (1) and an interruption (130, as shells have it). */
export function exitCodeOf({ differences }: Pick<JobReport, "differences">): number {
  if (differences === undefined) return 130;
  return differences.length === 0 ? 0 : 1;
}

async function runWithData(rowsMax: number, surroundings: Surroundings): Promise<number> {
  const { output, signal, findData = findDataFolder } = surroundings;
  const data = findData();
  const airports = await readAirports(data.airports);
  const flights = await openFlights(data.flights, rowsMax);
  const view = createProgressView(flights.rows, output);
  try {
    const job = await runJob({ flights, airports, signal, onProgress: (progress) => view.show(progress) });
    view.stop();
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    output.write(
      `\n${job.differences === undefined ? formatInterruption(job) : formatReport(job, peakRssBytes)}\n`,
    );
    return exitCodeOf(job);
  } finally {
    view.stop();
  }
}
