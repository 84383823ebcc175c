import { z } from "zod";

// What the traces hold. Columns are sorted in the order in which the fields stand here.

/** The three letters that name an airport. */
export const iata = z.string();

export const route = z.object({ origin: iata, destination: iata });
export type Route = z.infer<typeof route>;

/** A flight of a route: when it left, how many minutes late it came, how many miles it went. */
export const flight = z.object({ date: z.date(), delay: z.int32(), distance: z.int32() });
export type Flight = z.infer<typeof flight>;

/** The day on which something becomes known, such as `2001-01-31`. */
export const dueDay = z.string();

/** A flight whose delay turns out to be another than was reported. */
export const correction = z.object({ route, reported: flight, corrected: flight });
export type Correction = z.infer<typeof correction>;

export const airport = z.object({ name: z.string(), city: z.string(), state: z.string() });
export type Airport = z.infer<typeof airport>;

/** Minutes of delay. */
export const delay = z.int32();

/** What is known of the delays of a route; `lateShare` is from 0 to 1. */
export const delayStatistics = z.object({
  flights: z.int(),
  meanDelay: z.number(),
  lateShare: z.number(),
  maxDelay: delay,
});
export type DelayStatistics = z.infer<typeof delayStatistics>;

/** A route under the airport where it begins; no airport has its name yet. */
export const departure = z.object({ destination: iata, statistics: delayStatistics });

/** A route under the airport where it ends; the one where it begins has its name. */
export const arrival = z.object({ origin: iata, from: airport, statistics: delayStatistics });

/** Where a route stands in the ranking: mean delay, origin, destination, and sorted by them in this order. */
export const rank = z.tuple([z.number(), iata, iata]);
export type Rank = z.infer<typeof rank>;

/** A route with all that a reader wants to know of it. */
export const rankedRoute = z.object({ from: airport, to: airport, statistics: delayStatistics });
export type RankedRoute = z.infer<typeof rankedRoute>;
