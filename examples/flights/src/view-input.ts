import { IndexedZSet } from "@zspine/core";
import { makeUpCorrections } from "./corrections.ts";
import type { FlightDay } from "./flights-source.ts";
import { flight, route } from "./schemas.ts";
import type { ViewInput } from "./view.ts";

/** What a day brings: its flights, as they are reported, and what will turn out to be wrong about them on later days. */
export function viewInputOf(flightDay: FlightDay, seed: number): ViewInput {
  const { origin, destination, date, delay, distance } = flightDay.flights;
  return {
    day: flightDay.day,
    reports: IndexedZSet.fromColumns(route, flight, {
      key: { origin, destination },
      value: { date, delay, distance },
    }),
    corrections: makeUpCorrections(seed, flightDay),
  };
}
