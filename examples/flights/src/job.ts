import { setImmediate as nextTurn } from "node:timers/promises";
import { memory } from "@zspine/backend-memory";
import { IndexedZSet } from "@zspine/core";
import { openStore, type Store, type StoreStats } from "@zspine/store";
import { changeStream } from "./change-stream.ts";
import { findDifferences } from "./comparison.ts";
import { Corrections } from "./corrections.ts";
import type { FlightsSource } from "./flights-source.ts";
import { openPipeline, stepPipeline, type Pipeline } from "./pipeline.ts";
import type { Progress } from "./progress.ts";
import { recompute } from "./recomputation.ts";
import { readResult, type Result } from "./result.ts";
import { airport, iata, type Airport } from "./schemas.ts";
import { Stopwatch, type Durations } from "./stopwatch.ts";

/** What a job works on. */
export interface JobInput {
  readonly flights: FlightsSource;
  readonly airports: IndexedZSet<string, Airport>;
  /** Ends the job after the day that is being worked on. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What a job has done. */
export interface JobReport {
  readonly days: number;
  readonly lastDay: string;
  readonly rows: number;
  readonly rowsExpected: number;
  readonly corrections: number;
  /** Corrections that would have come on later days. */
  readonly pendingCorrections: number;
  readonly durations: Readonly<Durations>;
  readonly stats: StoreStats;
  readonly result: Result;
  /** Where the result differs from a recomputation; nothing was compared when the job was interrupted. */
  readonly differences: readonly string[] | undefined;
}

const CORRECTIONS_SEED = 2001;

/** Runs the job in a store of its own, which is closed at the end. */
export async function runJob(input: JobInput): Promise<JobReport> {
  await using store = await openStore({ backend: memory() });
  const pipeline = await openPipeline(store);
  const watch = new Stopwatch();
  const corrections = new Corrections(CORRECTIONS_SEED);
  const days = await runDays(store, pipeline, input, corrections, watch);
  const result = readResult(pipeline);
  const differences = input.signal.aborted
    ? undefined
    : findDifferences(result, recompute(pipeline), days.rows);
  watch.lap("check");
  return {
    ...days,
    rowsExpected: input.flights.rows,
    pendingCorrections: corrections.pending,
    durations: watch.durations,
    stats: store.stats(),
    result,
    differences,
  };
}

interface Days {
  days: number;
  lastDay: string;
  rows: number;
  corrections: number;
}

/** Works day by day: one step of the pipeline and one commit each. */
async function runDays(
  store: Store,
  pipeline: Pipeline,
  { flights, airports, signal, onProgress }: JobInput,
  corrections: Corrections,
  watch: Stopwatch,
): Promise<Days> {
  const done: Days = { days: 0, lastDay: "", rows: 0, corrections: 0 };
  const noAirports = IndexedZSet.empty(iata, airport);
  for await (const change of changeStream(flights, corrections)) {
    watch.lap("input");
    stepPipeline(pipeline, { flights: change.delta, airports: done.days === 0 ? airports : noAirports });
    watch.lap("operators");
    done.days++;
    done.lastDay = change.day;
    done.rows += change.flights;
    done.corrections += change.corrections;
    await store.commit({ metadata: { day: change.day, offset: done.rows } });
    watch.lap("commits");
    onProgress({
      day: change.day,
      rows: done.rows,
      seconds: watch.total,
      rssBytes: process.memoryUsage.rss(),
    });
    await nextTurn();
    watch.lap("turns");
    if (signal.aborted) break;
  }
  watch.lap("input");
  return done;
}
