import { setImmediate as nextTurn } from "node:timers/promises";
import { IndexedZSet } from "@zspine/core";
import type { RecoveryReport, Store, StoreStats, Trace } from "@zspine/store";
import { changeStream } from "./change-stream.ts";
import { findDifferences } from "./comparison.ts";
import { CORRECTIONS_SEED } from "./corrections.ts";
import type { FlightsSource } from "./flights-source.ts";
import { answer, type Answer, type Question } from "./history.ts";
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
  /** How many days before the last can be asked for; where it is missing, as many as the state says. */
  readonly daysKept?: number | undefined;
  /** What to tell of earlier days. */
  readonly question?: Question | undefined;
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
  /** What was asked for, unless the job was interrupted. */
  readonly answer: Answer | undefined;
  /** Where the answer, or else the result, differs from a recomputation; nothing was compared when the job was interrupted. */
  readonly differences: readonly string[] | undefined;
}

/** Of a new state, unless it is told otherwise. */
export const DAYS_KEPT_DEFAULT = 31;

interface Job {
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly corrections: Trace<string, Correction>;
}

/** Runs the job on the state of its place, from where the last one stopped; closes the state at the end. */
export async function runJob(input: JobInput): Promise<JobReport> {
  await using store = await openState(input.place);
  const opening = { position: readPosition(store, input.place), recovery: store.recovery };
  const isNew = opening.recovery.head === 0;
  const pipeline = await openPipeline(store, input.daysKept ?? (isNew ? DAYS_KEPT_DEFAULT : undefined));
  const corrections = await store.trace("corrections", { key: dueDay, value: correction });
  input.onOpen(opening);
  const watch = new Stopwatch();
  const position = await runDays({ store, pipeline, corrections }, input, opening.position, watch);
  const result = await readResult(pipeline, position.day);
  const { flights, question, signal } = input;
  const isAsked = question !== undefined && !signal.aborted;
  const answered = isAsked ? await answer(question, pipeline, flights, position) : undefined;
  const differences = signal.aborted
    ? undefined
    : (answered?.differences ?? findDifferences(result, recompute(pipeline), position.offset));
  watch.lap("check");
  return {
    opening,
    position,
    rowsExpected: flights.rows,
    pendingCorrections: corrections.totalWeight,
    durations: watch.durations,
    stats: store.stats(),
    result,
    answer: answered,
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
    const { day, delta } = change;
    stepPipeline(pipeline, { day, flights: delta, airports: done.offset === 0 ? airports : noAirports });
    watch.lap("operators");
    done = {
      day,
      // A day that an earlier run had not read to its end is the same day.
      days: done.days + (day === done.day ? 0 : 1),
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
