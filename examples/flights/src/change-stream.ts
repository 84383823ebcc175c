import { add, IndexedZSet } from "@zspine/core";
import type { Correction, Corrections } from "./corrections.ts";
import type { FlightColumns, FlightsSource } from "./flights-source.ts";
import { flight, route, type Flight, type Route } from "./schemas.ts";

/** What one day changes: its flights, and what turned out to be wrong about earlier ones. */
export interface DayChange {
  readonly day: string;
  /** How many flights and corrections it has. */
  readonly flights: number;
  readonly corrections: number;
  readonly delta: IndexedZSet<Route, Flight>;
}

/** Makes a stream of deltas, one a day. */
export async function* changeStream(
  source: FlightsSource,
  corrections: Corrections,
): AsyncGenerator<DayChange> {
  for await (const { day, flights } of source.days()) {
    const due = corrections.next(flights);
    yield { day, flights: flights.date.length, corrections: due.length, delta: deltaOf(flights, due) };
  }
}

/**
 * Makes one delta of flights, with +1 each, and corrections, each of which retracts the flight as it was
 * reported, with −1, and adds it as it is now, with +1. Nothing is looked up and nothing overwritten.
 */
export function deltaOf(
  flights: FlightColumns,
  corrections: readonly Correction[],
): IndexedZSet<Route, Flight> {
  const { origin, destination, date, delay, distance } = flights;
  const added = IndexedZSet.fromColumns(route, flight, {
    key: { origin, destination },
    value: { date, delay, distance },
  });
  const corrected = IndexedZSet.from(
    route,
    flight,
    corrections.flatMap(({ route: key, reported, corrected: now }) => [
      { key, value: reported, weight: -1 },
      { key, value: now, weight: 1 },
    ]),
  );
  return add(added, corrected);
}
