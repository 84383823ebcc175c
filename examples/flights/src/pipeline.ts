import { avg, combineAggregators, count, filter, map, max, type IndexedZSet } from "@zspine/core";
import type { Store, Trace } from "@zspine/store";
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
  readonly flights: IndexedZSet<Route, Flight>;
  readonly airports: IndexedZSet<string, Airport>;
}

/** The traces of the pipeline: its inputs, its results, and whatever its operators have to remember. */
export interface Pipeline {
  readonly flights: Trace<Route, Flight>;
  readonly airports: Trace<string, Airport>;
  /** The delays of each route: what the flights are, as far as the statistics see them. */
  readonly delays: Trace<Route, number>;
  readonly statistics: Trace<Route, DelayStatistics>;
  readonly departures: Trace<string, Departure>;
  readonly arrivals: Trace<string, Arrival>;
  readonly ranking: Trace<Rank, RankedRoute>;
  /** The worst routes; the last is the worst. */
  readonly worst: Trace<Rank, RankedRoute>;
}

/** Opens the traces of the pipeline. */
export async function openPipeline(store: Store): Promise<Pipeline> {
  const { route, iata, rank, rankedRoute } = schema;
  return {
    flights: await store.trace("flights", { key: route, value: schema.flight }),
    airports: await store.trace("airports", { key: iata, value: schema.airport }),
    delays: await store.trace("delays", { key: route, value: schema.delay }),
    statistics: await store.trace("statistics", { key: route, value: schema.delayStatistics }),
    departures: await store.trace("departures", { key: iata, value: schema.departure }),
    arrivals: await store.trace("arrivals", { key: iata, value: schema.arrival }),
    ranking: await store.trace("ranking", { key: rank, value: rankedRoute }),
    worst: await store.trace("worst", { key: rank, value: rankedRoute }),
  };
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
 * Everything is inserted, nothing committed: the caller's commit makes the step last as a whole.
 */
export function stepPipeline(pipeline: Pipeline, input: PipelineInput): void {
  using airports = addDelta(pipeline.airports, input.airports);
  using flights = addDelta(pipeline.flights, input.flights);
  using delays = addDelta(pipeline.delays, delaysOf(flights.delta));
  using statistics = addDelta(pipeline.statistics, summarize(delays, pipeline.statistics));
  using departures = addDelta(pipeline.departures, departuresOf(statistics.delta));
  using arrivals = addDelta(pipeline.arrivals, joinOrigins(departures, airports));
  using ranking = addDelta(pipeline.ranking, joinDestinations(arrivals, airports));
  pipeline.worst.insertBatch(topKChange(ranking, WORST_ROUTES));
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
  statistics: Trace<Route, DelayStatistics>,
): IndexedZSet<Route, DelayStatistics> {
  const aggregator = combineAggregators<number, DelayStatistics>({
    flights: count(),
    meanDelay: avg((delay) => delay),
    lateShare: avg((delay) => (delay > LATE_MINUTES ? 1 : 0)),
    maxDelay: max<number>(),
  });
  return aggregateChange(delays, statistics, schema.delayStatistics, aggregator);
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
