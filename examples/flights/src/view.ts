import type { IndexedZSet } from "@zspine/core";
import { avg, count, max, pipeline, type InputStreams, type Pipeline } from "@zspine/operators";
import type { Metadata, Store, Trace } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "@zspine/temporal";
import { timeOf } from "./calendar.ts";
import * as schema from "./schemas.ts";
import type { Airport, Correction, DelayStatistics, Flight, Rank, RankedRoute, Route } from "./schemas.ts";

/** Minutes of delay above which a flight is late. */
export const LATE_MINUTES = 15;
/** Flights that a route must have had to be ranked. */
export const FLIGHTS_MIN = 50;
/** How many routes the ranking has. */
export const WORST_ROUTES = 10;

/** The traces of what comes out. */
export const STATISTICS = "statistics by day";
export const WORST = "worst by day";

const FLIGHTS = { key: schema.route, value: schema.flight };
/** What comes in. */
export const INPUTS = {
  /** Flights as they were first reported. */
  reports: FLIGHTS,
  /** What they turned out to be, under the day on which that becomes known. */
  corrections: { key: schema.dueDay, value: schema.correction },
  airports: { key: schema.iata, value: schema.airport },
};

/** What comes out, under the days on which it was so. */
export const RESULTS = {
  statistics: { key: schema.route, value: schema.delayStatistics },
  worst: { key: schema.rank, value: schema.rankedRoute },
};

/**
 * Wires the query
 *
 *     select count(*), avg(delay), avg(delay > 15), max(delay), … from flights
 *     join airports "from" on … join airports "to" on …
 *     group by origin, destination having count(*) >= 50
 *     order by avg(delay) desc limit 10
 *
 * over flights as they are known by the day: a correction that is due retracts the flight as it was reported, with −1, and
 * adds it as it is now, with +1. Nothing is looked up for that, and nothing overwritten.
 */
function outputs({ reports, corrections, airports }: InputStreams<typeof INPUTS>) {
  const due = corrections.delay((day) => day);
  const flights = reports
    .add(due.map(FLIGHTS, (_day, { route, corrected }) => ({ key: route, value: corrected })))
    .subtract(due.map(FLIGHTS, (_day, { route, reported }) => ({ key: route, value: reported })));
  const statistics = flights
    .map({ key: schema.route, value: schema.delay }, (key, { delay }) => ({ key, value: delay }))
    .aggregate(schema.delayStatistics, {
      flights: count(),
      meanDelay: avg((delay) => delay),
      // What its text does not show is its version.
      lateShare: avg((delay) => (delay > LATE_MINUTES ? 1 : 0), { version: `late by ${LATE_MINUTES}` }),
      maxDelay: max(),
    });
  const worst = statistics
    .filter((_route, ofRoute) => ofRoute.flights >= FLIGHTS_MIN, { version: `at least ${FLIGHTS_MIN}` })
    .map({ key: schema.iata, value: schema.departure }, ({ origin, destination }, ofRoute) => ({
      key: origin,
      value: { destination, statistics: ofRoute },
    }))
    .join(
      airports,
      { key: schema.iata, value: schema.arrival },
      (origin, { destination, statistics: ofRoute }, from) => ({
        key: destination,
        value: { origin, from, statistics: ofRoute },
      }),
    )
    .join(
      airports,
      { key: schema.rank, value: schema.rankedRoute },
      (destination, { origin, from, statistics: ofRoute }, to) => ({
        key: [ofRoute.meanDelay, origin, destination],
        value: { from, to, statistics: ofRoute },
      }),
    )
    .topK(WORST_ROUTES, { order: "descending", of: "all" });
  return { due, statistics, worst };
}

/** The view, what came in for it, and what came out of it day by day, which can be read as it was on an earlier day. */
export interface FlightsView {
  readonly view: Pipeline<typeof INPUTS, ReturnType<typeof outputs>, string>;
  readonly reports: Trace<Route, Flight>;
  readonly corrections: Trace<string, Correction>;
  readonly airports: Trace<string, Airport>;
  readonly statistics: TemporalTrace<Route, DelayStatistics>;
  /** The worst routes; the last is the worst. */
  readonly worst: TemporalTrace<Rank, RankedRoute>;
}

/** What comes in with one step. */
export interface ViewInput {
  /** The day on which it is known, such as `2001-01-31`. */
  readonly day: string;
  readonly reports?: IndexedZSet<Route, Flight>;
  readonly corrections?: IndexedZSet<string, Correction>;
  readonly airports?: IndexedZSet<string, Airport>;
}

/**
 * Opens the view.
 *
 * @param daysKept How many days before the last it can be read as of; as many as before where it is missing.
 */
export async function openView(store: Store, daysKept?: number): Promise<FlightsView> {
  const view = await pipeline(store, { name: "flights", time: schema.dueDay, inputs: INPUTS, outputs });
  // What is read of a day after a commit has said that it is complete, by a run that goes on within it, is of that day.
  const how = { late: "accept", create: true } as const;
  const opened = {
    view,
    reports: await store.trace("reports", INPUTS.reports),
    corrections: await store.trace("corrections", INPUTS.corrections),
    airports: await store.trace("airports", INPUTS.airports),
    statistics: await temporalTrace(store, STATISTICS, { ...RESULTS.statistics, ...how }),
    worst: await temporalTrace(store, WORST, { ...RESULTS.worst, ...how }),
  };
  if (daysKept !== undefined)
    for (const results of [opened.statistics, opened.worst]) results.retain({ times: daysKept });
  return opened;
}

/** Goes on by one step, which is one commit: the view is then what the query gives of all that is known by the day. */
export async function stepView(
  { view, statistics, worst }: FlightsView,
  { day, ...deltas }: ViewInput,
  metadata?: Metadata,
): Promise<void> {
  await view.step(deltas, {
    now: day,
    metadata,
    alongside: (changes) => {
      addAt(timeOf(day), statistics, changes.statistics);
      addAt(timeOf(day), worst, changes.worst);
    },
  });
}

/** Adds a delta at a time, and says that the time is complete: once it is committed, it can be read. */
function addAt<K, V>(time: number, trace: TemporalTrace<K, V>, delta: IndexedZSet<K, V>): void {
  trace.insertBatch(time, delta);
  trace.advance(time + 1);
}
