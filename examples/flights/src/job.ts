import { setImmediate as nextTurn } from "node:timers/promises";
import { IndexedZSet } from "@zspine/core";
import type { RecoveryReport, Store, StoreStats, Trace } from "@zspine/store";
import { changeStream } from "./change-stream.ts";
import { findDifferences } from "./comparison.ts";
import type { FlightsSource } from "./flights-source.ts";
import { openPipeline, stepPipeline, type Pipeline } from "./pipeline.ts";
import type { Progress } from "./progress.ts";
import { recompute } from "./recomputation.ts";
import { readResult, type Result } from "./result.ts";
import { airport, correction, dueDay, iata, type Airport, type Correction } from "./schemas.ts";
import { metadataOf, openState, readPosition, type Position, type StatePlace } from "./state.ts";
import { Stopwatch, type Durations } from "./stopwatch.ts";

/** What a job works on. */
export interface JobInput {
  readonly flights: FlightsSource;
  readonly airports: IndexedZSet<string, Airport>;
  readonly place: StatePlace;
  /** Ends the job after the day that is being worked on. */
  readonly signal: AbortSignal;
  /** Told what the state was found to be, before anything is read. */
  readonly onOpen: (opening: Opening) => void;
  readonly onProgress: (progress: Progress) => void;
}

/** What a job goes on from. */
export interface Opening {
  readonly position: Position;
  readonly recovery: RecoveryReport;
}

/** What a job has done. */
export interface JobReport {
  /** What it went on from. */
  readonly opening: Opening;
  /** How far it has come, with those before it. */
  readonly position: Position;
  readonly rowsExpected: number;
  /** Corrections that would have come on later days. */
  readonly pendingCorrections: number;
  readonly durations: Readonly<Durations>;
  readonly stats: StoreStats;
  readonly result: Result;
  /** Where the result differs from a recomputation; nothing was compared when the job was interrupted. */
  readonly differences: readonly string[] | undefined;
}

const CORRECTIONS_SEED = 2001;

interface Job {
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly corrections: Trace<string, Correction>;
}

/** Runs the job on the state of its place, from where the last one stopped; closes the state at the end. */
export async function runJob(input: JobInput): Promise<JobReport> {
  await using store = await openState(input.place);
  const opening = { position: readPosition(store, input.place), recovery: store.recovery };
  const pipeline = await openPipeline(store);
  const corrections = await store.trace("corrections", { key: dueDay, value: correction });
  input.onOpen(opening);
  const watch = new Stopwatch();
  const position = await runDays({ store, pipeline, corrections }, input, opening.position, watch);
  const result = readResult(pipeline);
  const differences = input.signal.aborted
    ? undefined
    : findDifferences(result, recompute(pipeline), position.offset);
  watch.lap("check");
  return {
    opening,
    position,
    rowsExpected: input.flights.rows,
    pendingCorrections: corrections.totalWeight,
    durations: watch.durations,
    stats: store.stats(),
    result,
    differences,
  };
}

/** Works day by day: one step of the pipeline and one commit each. */
async function runDays(
  { store, pipeline, corrections }: Job,
  { flights, airports, signal, onProgress }: JobInput,
  start: Position,
  watch: Stopwatch,
): Promise<Position> {
  let done = start;
  const noAirports = IndexedZSet.empty(iata, airport);
  const changes = changeStream(flights, { offset: start.offset, seed: CORRECTIONS_SEED, corrections });
  for await (const change of changes) {
    watch.lap("input");
    stepPipeline(pipeline, { flights: change.delta, airports: done.offset === 0 ? airports : noAirports });
    watch.lap("operators");
    done = {
      day: change.day,
      // A day that an earlier run had not read to its end is the same day.
      days: done.days + (change.day === done.day ? 0 : 1),
      offset: done.offset + change.flights,
      corrections: done.corrections + change.corrections,
    };
    await store.commit({ metadata: metadataOf(done) });
    watch.lap("commits");
    onProgress({
      day: done.day,
      rows: done.offset,
      rowsRead: done.offset - start.offset,
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
