import type { Row } from "@zspine/core";
import { CORRECTIONS_SEED, makeUpCorrections } from "./corrections.ts";
import type { FlightDay, FlightsSource } from "./flights-source.ts";
import { FLIGHTS_MIN, LATE_MINUTES, WORST_ROUTES, type Pipeline } from "./pipeline.ts";
import { routeName, type Result } from "./result.ts";
import type { Airport, DelayStatistics, Rank, RankedRoute, Route } from "./schemas.ts";

// The oracle. It shares nothing with the pipeline but the flights and the airports: no delta, no operator, no
// aggregator, no time, only scans and maps.

interface Sums {
  readonly route: Route;
  flights: number;
  minutes: number;
  late: number;
  maxDelay: number;
}

/** Computes the result from scratch, of all stored flights. */
export function recompute(pipeline: Pipeline): Result {
  return resultOf(sumUp(pipeline), readAirports(pipeline));
}

/**
 * Computes from scratch what was known on a day: of the flights of the source up to then, with the corrections that had
 * come by then. Nothing is read of the store but the airports.
 *
 * @param offset Flights of the source that the pipeline has had.
 */
export async function recomputeAsOf(
  day: string,
  source: FlightsSource,
  offset: number,
  pipeline: Pipeline,
): Promise<Result> {
  const sums = new Map<string, Sums>();
  for await (const flightDay of source.days(0, offset)) {
    if (flightDay.day > day) break;
    const corrected = correctedBy(day, flightDay);
    const { origin, destination, delay } = flightDay.flights;
    for (const [row, reported] of delay.entries()) {
      const route = { origin: origin[row]!, destination: destination[row]! };
      addFlight(sums, route, corrected.get(reportOf(route, reported))?.pop() ?? reported, 1);
    }
  }
  return resultOf(sums, readAirports(pipeline));
}

/** Lists the delays of the flights of a day that had been corrected by another, by what was reported of each. */
function correctedBy(day: string, flightDay: FlightDay): Map<string, number[]> {
  const delays = new Map<string, number[]>();
  for (const { key: due, value, weight } of makeUpCorrections(CORRECTIONS_SEED, flightDay)) {
    if (due > day) continue;
    const report = reportOf(value.route, value.reported.delay);
    const ofReport = Array.from({ length: weight }, () => value.corrected.delay);
    delays.set(report, [...(delays.get(report) ?? []), ...ofReport]);
  }
  return delays;
}

/** What tells flights apart, as far as the statistics see them. */
function reportOf(route: Route, delay: number): string {
  return `${routeName(route)} ${delay}`;
}

function resultOf(sums: ReadonlyMap<string, Sums>, airports: ReadonlyMap<string, Airport>): Result {
  const statistics = new Map<string, { value: DelayStatistics; weight: number }[]>();
  const ranked: Row<Rank, RankedRoute>[] = [];
  let flights = 0;
  for (const [name, ofRoute] of sums) {
    flights += ofRoute.flights;
    const value = statisticsOf(ofRoute);
    statistics.set(name, [{ value, weight: 1 }]);
    const { origin, destination } = ofRoute.route;
    const from = airports.get(origin);
    const to = airports.get(destination);
    if (value.flights < FLIGHTS_MIN || from === undefined || to === undefined) continue;
    ranked.push({
      key: [value.meanDelay, origin, destination],
      value: { from, to, statistics: value },
      weight: 1,
    });
  }
  ranked.sort((a, b) => compareRanks(b.key, a.key));
  return { flights, statistics, worst: ranked.slice(0, WORST_ROUTES) };
}

function sumUp(pipeline: Pipeline): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  using flights = pipeline.flights.snapshot();
  for (const { key, value, weight } of flights.chunks()) {
    for (let row = 0; row < weight.length; row++) {
      addFlight(
        sums,
        { origin: key.origin[row]!, destination: key.destination[row]! },
        value.delay[row]!,
        weight[row]!,
      );
    }
  }
  return sums;
}

function addFlight(sums: Map<string, Sums>, route: Route, delay: number, weight: number): void {
  const name = routeName(route);
  let ofRoute = sums.get(name);
  if (ofRoute === undefined) {
    ofRoute = { route, flights: 0, minutes: 0, late: 0, maxDelay: -Infinity };
    sums.set(name, ofRoute);
  }
  ofRoute.flights += weight;
  ofRoute.minutes += weight * delay;
  if (delay > LATE_MINUTES) ofRoute.late += weight;
  // What was retracted is not in the scan: a row that is, has a weight above 0.
  ofRoute.maxDelay = Math.max(ofRoute.maxDelay, delay);
}

function statisticsOf({ flights, minutes, late, maxDelay }: Sums): DelayStatistics {
  return { flights, meanDelay: minutes / flights, lateShare: late / flights, maxDelay };
}

function readAirports(pipeline: Pipeline): Map<string, Airport> {
  using airports = pipeline.airports.snapshot();
  return new Map(Array.from(airports.rows(), ({ key, value }) => [key, value]));
}

function compareRanks(a: Rank, b: Rank): number {
  for (const at of [0, 1, 2] as const) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}
