import { add, IndexedZSet, map, subtract } from "@zspine/core";
import type { Trace } from "@zspine/store";
import { makeUpCorrections } from "./corrections.ts";
import type { FlightColumns, FlightsSource } from "./flights-source.ts";
import { releaseDue } from "./operators/delay.ts";
import { flight, route, type Correction, type Flight, type Route } from "./schemas.ts";

/** What one day changes: its flights, and what turned out to be wrong about earlier ones. */
export interface DayChange {
  readonly day: string;
  /** How many flights and corrections it has. */
  readonly flights: number;
  readonly corrections: number;
  readonly delta: IndexedZSet<Route, Flight>;
}

/** Where a stream of changes begins, and what it remembers. */
export interface ChangeStreamOptions {
  /** Flights of the source that earlier changes have had. */
  readonly offset: number;
  readonly seed: number;
  /** The corrections that are not known yet, under the day on which they will be. */
  readonly corrections: Trace<string, Correction>;
}

/**
 * Makes a stream of deltas, one a day. What it remembers it inserts into its trace before it gives a delta, so
 * that one commit makes both last.
 */
export async function* changeStream(
  source: FlightsSource,
  { offset, seed, corrections }: ChangeStreamOptions,
): AsyncGenerator<DayChange> {
  for await (const flightDay of source.days(offset)) {
    const { day, flights } = flightDay;
    const due = releaseDue(corrections, makeUpCorrections(seed, flightDay), day);
    yield {
      day,
      flights: flights.date.length,
      corrections: due.totalWeight,
      delta: deltaOf(flights, due),
    };
  }
}

/**
 * Makes one delta of flights, with +1 each, and corrections, each of which retracts the flight as it was
 * reported, with −1, and adds it as it is now, with +1. Nothing is looked up and nothing overwritten.
 */
export function deltaOf(
  flights: FlightColumns,
  corrections: IndexedZSet<string, Correction>,
): IndexedZSet<Route, Flight> {
  const { origin, destination, date, delay, distance } = flights;
  const added = IndexedZSet.fromColumns(route, flight, {
    key: { origin, destination },
    value: { date, delay, distance },
  });
  const now = map(corrections, route, flight, (_day, { route: key, corrected: value }) => ({ key, value }));
  const before = map(corrections, route, flight, (_day, { route: key, reported: value }) => ({ key, value }));
  return add(added, subtract(now, before));
}
