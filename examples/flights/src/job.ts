import { setImmediate as nextTurn } from "node:timers/promises";
import type { IndexedZSet } from "@zspine/core";
import type { RecoveryReport, StoreStats } from "@zspine/store";
import { findDifferences } from "./comparison.ts";
import { CORRECTIONS_SEED } from "./corrections.ts";
import type { FlightsSource } from "./flights-source.ts";
import { answer, type Answer, type Question } from "./history.ts";
import type { Progress } from "./progress.ts";
import { recompute } from "./recomputation.ts";
import { readResult, type Result } from "./result.ts";
import type { Airport } from "./schemas.ts";
import { metadataOf, openState, readPosition, type Position } from "./state.ts";
import type { StatePlace } from "./state-place.ts";
import { Stopwatch, type Durations } from "./stopwatch.ts";
import { openView, stepView, type FlightsView } from "./view.ts";
import { viewInputOf } from "./view-input.ts";

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
  /** Corrections that have come, and those that would have on later days. */
  readonly corrections: number;
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

/** Runs the job on the state of its place, from where the last one stopped; closes the state at the end. */
export async function runJob(input: JobInput): Promise<JobReport> {
  await using store = await openState(input.place);
  const opening = { position: readPosition(store, input.place), recovery: store.recovery };
  const isNew = opening.recovery.head === 0;
  const view = await openView(store, input.daysKept ?? (isNew ? DAYS_KEPT_DEFAULT : undefined));
  input.onOpen(opening);
  const watch = new Stopwatch();
  const position = await runDays(view, input, opening.position, watch);
  const result = await readResult(view, position.day);
  const { flights, question, signal } = input;
  const isAsked = question !== undefined && !signal.aborted;
  const answered = isAsked ? await answer(question, view, flights, position) : undefined;
  const differences = signal.aborted
    ? undefined
    : (answered?.differences ??
      findDifferences(result, await recompute(position.day, view), position.offset));
  watch.lap("check");
  const corrections = view.view.outputs.due.totalWeight;
  return {
    opening,
    position,
    rowsExpected: flights.rows,
    corrections,
    pendingCorrections: view.corrections.totalWeight - corrections,
    durations: watch.durations,
    stats: store.stats(),
    result,
    answer: answered,
    differences,
  };
}

/** Works day by day: one step each. */
async function runDays(
  view: FlightsView,
  { flights, airports, signal, onProgress }: JobInput,
  start: Position,
  watch: Stopwatch,
): Promise<Position> {
  let done = start;
  for await (const flightDay of flights.days(start.offset)) {
    const { day } = flightDay;
    const isFirst = done.offset === 0;
    done = {
      day,
      // A day that an earlier run had not read to its end is the same day.
      days: done.days + (day === done.day ? 0 : 1),
      offset: done.offset + flightDay.flights.date.length,
    };
    const input = viewInputOf(flightDay, CORRECTIONS_SEED);
    watch.lap("input");
    await stepView(view, isFirst ? { ...input, airports } : input, metadataOf(done));
    watch.lap("steps");
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
