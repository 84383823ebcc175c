import type { FlightColumns, FlightDay, FlightsSource } from "../src/flights-source.ts";
import type { Flight, Route } from "../src/schemas.ts";
import { seededRandom } from "./seeded-random.ts";

const AIRPORTS = ["ATL", "BOS", "DFW", "LAX", "ORD", "XXX"];
const FIRST_DAY = Date.UTC(2001, 0, 1);
const DAY_MS = 86_400_000;

/** Lays flights out in columns. */
function flightsOf(flights: readonly (Route & Flight)[]): FlightColumns {
  return {
    origin: flights.map(({ origin }) => origin),
    destination: flights.map(({ destination }) => destination),
    date: flights.map(({ date }) => date),
    delay: flights.map(({ delay }) => delay),
    distance: flights.map(({ distance }) => distance),
  };
}

/** Makes up `rows` flights on ten days between a few airports, one of which no file knows. */
export function sampleSource(rows: number, seed = 5): FlightsSource {
  return { rows, days: (offset, end = rows) => sampleDays(rows, seed, offset, end) };
}

async function* sampleDays(
  rows: number,
  seed: number,
  offset: number,
  end: number,
): AsyncGenerator<FlightDay> {
  const random = seededRandom(seed);
  const pick = (): string => AIRPORTS[Math.floor(random() * AIRPORTS.length)]!;
  for (let number = 0; number < 10; number++) {
    const midnight = FIRST_DAY + number * DAY_MS;
    const flights = Array.from({ length: rows / 10 }, () => ({
      origin: pick(),
      destination: pick(),
      date: new Date(midnight + Math.floor(random() * 1440) * 60_000),
      delay: Math.floor(random() ** 4 * 400) - 20,
      distance: 100,
    }));
    const firstRow = Math.max(offset, (rows / 10) * number);
    const left = flights.slice(firstRow - (rows / 10) * number, Math.max(0, end - (rows / 10) * number));
    if (left.length > 0) {
      yield { day: new Date(midnight).toISOString().slice(0, 10), firstRow, flights: flightsOf(left) };
    }
  }
}
