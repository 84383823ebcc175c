import type { Row } from "@zspine/core";
import { CORRECTIONS_SEED, makeUpCorrections } from "./corrections.ts";
import type { FlightsSource } from "./flights-source.ts";
import { routeName, type Result } from "./result.ts";
import type { Airport, Correction, DelayStatistics, Rank, RankedRoute, Route } from "./schemas.ts";
import { FLIGHTS_MIN, LATE_MINUTES, WORST_ROUTES, type FlightsView } from "./view.ts";

/** What came in. */
type CameIn = Pick<FlightsView, "reports" | "corrections" | "airports">;

// The oracle. It shares nothing with the view but what came in: no delta, no operator, no aggregate, no time, only scans
// and maps.

/** How many flights of a route came how many minutes late. */
interface DelaysOfRoute {
  readonly route: Route;
  readonly flights: Map<number, number>;
}

/** Computes from scratch what was known on a day, of all reports and corrections that are stored. */
export async function recompute(day: string, { reports, corrections, airports }: CameIn): Promise<Result> {
  const delays = new Map<string, DelaysOfRoute>();
  using allReports = reports.snapshot();
  for await (const { key, value, weight } of allReports.loadChunks())
    for (let row = 0; row < weight.length; row++) {
      const route = { origin: key.origin[row]!, destination: key.destination[row]! };
      addFlights(delays, route, value.delay[row]!, weight[row]!);
    }
  using allCorrections = corrections.snapshot();
  correct(delays, day, await allCorrections.zset());
  return resultOf(delays, airports);
}

/**
 * Computes from scratch what was known on a day: of the flights of the source up to then, with the corrections that had
 * come by then. Nothing is read of the store but the airports.
 *
 * @param offset Flights of the source that the view has had.
 */
export async function recomputeAsOf(
  day: string,
  source: FlightsSource,
  offset: number,
  { airports }: FlightsView,
): Promise<Result> {
  const delays = new Map<string, DelaysOfRoute>();
  for await (const flightDay of source.days(0, offset)) {
    if (flightDay.day > day) break;
    const { origin, destination, delay } = flightDay.flights;
    for (const [row, minutes] of delay.entries())
      addFlights(delays, { origin: origin[row]!, destination: destination[row]! }, minutes, 1);
    correct(delays, day, makeUpCorrections(CORRECTIONS_SEED, flightDay));
  }
  return resultOf(delays, airports);
}

/** Corrects what had turned out to be wrong by a day. */
function correct(
  delays: Map<string, DelaysOfRoute>,
  day: string,
  corrections: Iterable<Row<string, Correction>>,
): void {
  for (const { key: due, value, weight } of corrections) {
    if (due > day) continue;
    addFlights(delays, value.route, value.reported.delay, -weight);
    addFlights(delays, value.route, value.corrected.delay, weight);
  }
}

function addFlights(
  delays: Map<string, DelaysOfRoute>,
  route: Route,
  minutes: number,
  flights: number,
): void {
  const name = routeName(route);
  let ofRoute = delays.get(name);
  if (ofRoute === undefined) {
    ofRoute = { route, flights: new Map() };
    delays.set(name, ofRoute);
  }
  ofRoute.flights.set(minutes, (ofRoute.flights.get(minutes) ?? 0) + flights);
}

async function resultOf(
  delays: ReadonlyMap<string, DelaysOfRoute>,
  airports: CameIn["airports"],
): Promise<Result> {
  using allAirports = airports.snapshot();
  const rows = await allAirports.zset();
  const known = new Map<string, Airport>(Array.from(rows, ({ key, value }) => [key, value]));
  const statistics = new Map<string, { value: DelayStatistics; weight: number }[]>();
  const ranked: Row<Rank, RankedRoute>[] = [];
  let flights = 0;
  for (const [name, ofRoute] of delays) {
    const value = statisticsOf(ofRoute);
    flights += value.flights;
    statistics.set(name, [{ value, weight: 1 }]);
    const { origin, destination } = ofRoute.route;
    const [from, to] = [known.get(origin), known.get(destination)];
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

function statisticsOf(ofRoute: DelaysOfRoute): DelayStatistics {
  let [flights, minutes, late, maxDelay] = [0, 0, 0, -Infinity];
  for (const [delay, count] of ofRoute.flights) {
    flights += count;
    minutes += count * delay;
    if (delay > LATE_MINUTES) late += count;
    // What was retracted has a count of 0.
    if (count > 0) maxDelay = Math.max(maxDelay, delay);
  }
  return { flights, meanDelay: minutes / flights, lateShare: late / flights, maxDelay };
}

function compareRanks(a: Rank, b: Rank): number {
  for (const at of [0, 1, 2] as const) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}
