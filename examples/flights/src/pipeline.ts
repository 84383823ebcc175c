import { avg, combineAggregators, count, filter, map, max, type IndexedZSet } from "@zspine/core";
import type { Store, Trace } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "@zspine/temporal";
import { timeOf } from "./calendar.ts";
import { aggregateChange } from "./operators/aggregate.ts";
import { addDelta, type Change } from "./operators/change.ts";
import { joinChanges } from "./operators/join.ts";
import { topKChange } from "./operators/top-k.ts";
import * as schema from "./schemas.ts";
import type {
  Airport,
  Arrival,
  DelayStatistics,
  Departure,
  Flight,
  Rank,
  RankedRoute,
  Route,
} from "./schemas.ts";

/** Minutes of delay above which a flight is late. */
export const LATE_MINUTES = 15;
/** Flights that a route must have had to be ranked. */
export const FLIGHTS_MIN = 50;
/** How many routes the ranking has. */
export const WORST_ROUTES = 10;

/** What comes in with one step. */
export interface PipelineInput {
  /** The day on which it is known, such as `2001-01-31`. */
  readonly day: string;
  readonly flights: IndexedZSet<Route, Flight>;
  readonly airports: IndexedZSet<string, Airport>;
}

/**
 * The traces of the pipeline: its inputs, its results, and whatever its operators have to remember. The results are
 * temporal: they can be read as they were on an earlier day.
 */
export interface Pipeline {
  readonly flights: Trace<Route, Flight>;
  readonly airports: Trace<string, Airport>;
  /** The delays of each route: what the flights are, as far as the statistics see them. */
  readonly delays: Trace<Route, number>;
  readonly statistics: TemporalTrace<Route, DelayStatistics>;
  readonly departures: Trace<string, Departure>;
  readonly arrivals: Trace<string, Arrival>;
  readonly ranking: Trace<Rank, RankedRoute>;
  /** The worst routes; the last is the worst. */
  readonly worst: TemporalTrace<Rank, RankedRoute>;
}

/**
 * Opens the traces of the pipeline.
 *
 * @param daysKept How many days before the last its results can be read as of; as many as before where it is missing.
 */
export async function openPipeline(store: Store, daysKept?: number): Promise<Pipeline> {
  const { route, iata, rank, rankedRoute } = schema;
  // What is read of a day after a commit has said that it is complete, by a run that goes on within it, is of that day.
  const late = "accept";
  const pipeline: Pipeline = {
    flights: await store.trace("flights", { key: route, value: schema.flight }),
    airports: await store.trace("airports", { key: iata, value: schema.airport }),
    delays: await store.trace("delays", { key: route, value: schema.delay }),
    statistics: await temporalTrace(store, "statistics", { key: route, value: schema.delayStatistics, late }),
    departures: await store.trace("departures", { key: iata, value: schema.departure }),
    arrivals: await store.trace("arrivals", { key: iata, value: schema.arrival }),
    ranking: await store.trace("ranking", { key: rank, value: rankedRoute }),
    worst: await temporalTrace(store, "worst", { key: rank, value: rankedRoute, late }),
  };
  if (daysKept !== undefined) {
    for (const results of [pipeline.statistics, pipeline.worst]) results.retain({ times: daysKept });
  }
  return pipeline;
}

/**
 * Goes on by one step: turns the deltas of the inputs, operator by operator, into that of the result, which
 * then is what this query would give of all inputs so far:
 *
 *     select count(*), avg(delay), avg(delay > 15), max(delay), … from flights
 *     join airports "from" on … join airports "to" on …
 *     group by origin, destination having count(*) >= 50
 *     order by avg(delay) desc limit 10
 *
 * Everything is inserted, nothing committed: the caller's commit makes the step last as a whole. It has to be made
 * before the next step, for what is read of temporal traces is what was committed.
 */
export function stepPipeline(pipeline: Pipeline, input: PipelineInput): void {
  using airports = addDelta(pipeline.airports, input.airports);
  using flights = addDelta(pipeline.flights, input.flights);
  using delays = addDelta(pipeline.delays, delaysOf(flights.delta));
  const statistics = summarize(delays, pipeline.statistics);
  using departures = addDelta(pipeline.departures, departuresOf(statistics));
  using arrivals = addDelta(pipeline.arrivals, joinOrigins(departures, airports));
  using ranking = addDelta(pipeline.ranking, joinDestinations(arrivals, airports));
  addAt(timeOf(input.day), pipeline.statistics, statistics);
  addAt(timeOf(input.day), pipeline.worst, topKChange(ranking, WORST_ROUTES));
}

/** Adds a delta at a time, and says that the time is complete: once it is committed, it can be read. */
function addAt<K, V>(time: number, trace: TemporalTrace<K, V>, delta: IndexedZSet<K, V>): void {
  trace.insertBatch(time, delta);
  trace.advance(time + 1);
}

// Maps and filters are linear: applied to a delta they give the delta of what comes out, and need no state.

function delaysOf(flights: IndexedZSet<Route, Flight>): IndexedZSet<Route, number> {
  return map(flights, schema.route, schema.delay, (key, { delay }) => ({ key, value: delay }));
}

function departuresOf(statistics: IndexedZSet<Route, DelayStatistics>): IndexedZSet<string, Departure> {
  const ranked = filter(statistics, (_route, { flights }) => flights >= FLIGHTS_MIN);
  return map(ranked, schema.iata, schema.departure, ({ origin, destination }, value) => ({
    key: origin,
    value: { destination, statistics: value },
  }));
}

// Aggregates and joins are not: they look up in the traces what the delta meets.

function summarize(
  delays: Change<Route, number>,
  statistics: TemporalTrace<Route, DelayStatistics>,
): IndexedZSet<Route, DelayStatistics> {
  const aggregator = combineAggregators<number, DelayStatistics>({
    flights: count(),
    meanDelay: avg((delay) => delay),
    lateShare: avg((delay) => (delay > LATE_MINUTES ? 1 : 0)),
    maxDelay: max<number>(),
  });
  // As of the last complete time, which has all that is committed.
  using soFar = statistics.asOfNow();
  return aggregateChange(delays, soFar.now, schema.delayStatistics, aggregator);
}

function joinOrigins(
  departures: Change<string, Departure>,
  airports: Change<string, Airport>,
): IndexedZSet<string, Arrival> {
  const { iata, arrival } = schema;
  return joinChanges(departures, airports, iata, arrival, (origin, { destination, statistics }, from) => ({
    key: destination,
    value: { origin, from, statistics },
  }));
}

function joinDestinations(
  arrivals: Change<string, Arrival>,
  airports: Change<string, Airport>,
): IndexedZSet<Rank, RankedRoute> {
  const { rank, rankedRoute } = schema;
  return joinChanges(
    arrivals,
    airports,
    rank,
    rankedRoute,
    (destination, { origin, from, statistics }, to) => ({
      key: [statistics.meanDelay, origin, destination],
      value: { from, to, statistics },
    }),
  );
}
