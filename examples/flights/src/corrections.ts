import type { FlightColumns } from "./flights-source.ts";
import type { Flight, Route } from "./schemas.ts";
import { seededRandom } from "./seeded-random.ts";

/** A flight whose delay turned out to be another than was reported. */
export interface Correction {
  readonly route: Route;
  readonly reported: Flight;
  readonly corrected: Flight;
}

const SHARE_CORRECTED = 0.02;
/** Of flights later than this, more are looked into, and most turn out to be less late. */
const VERY_LATE_MINUTES = 120;
const SHARE_CORRECTED_VERY_LATE = 0.25;
const DAYS_MAX = 5;
const MINUTES_MAX = 30;

/**
 * Makes up corrections, for the data set has none: a few percent of the flights of a day are corrected one to
 * five days later. From a seed, so every run has the same.
 */
export class Corrections {
  private readonly random: () => number;
  /** What is due in 1, 2, 3 … days. */
  private readonly due: Correction[][] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** How many flights have been chosen whose corrections are not due yet. */
  get pending(): number {
    return this.due.reduce((sum, corrections) => sum + corrections.length, 0);
  }

  /** Goes on to the next day: chooses flights of it for later, and gives the corrections that are due on it. */
  next(flights: FlightColumns): readonly Correction[] {
    const today = this.due.shift() ?? [];
    for (let row = 0; row < flights.delay.length; row++) {
      const share = flights.delay[row]! > VERY_LATE_MINUTES ? SHARE_CORRECTED_VERY_LATE : SHARE_CORRECTED;
      if (this.random() >= share) continue;
      const days = Math.floor(this.random() * DAYS_MAX);
      (this.due[days] ??= []).push(this.correct(flights, row));
    }
    return today;
  }

  private correct(flights: FlightColumns, row: number): Correction {
    const { random } = this;
    const reported = {
      date: flights.date[row]!,
      delay: flights.delay[row]!,
      distance: flights.distance[row]!,
    };
    const isVeryLate = reported.delay > VERY_LATE_MINUTES;
    const minutes = 1 + Math.floor(random() * MINUTES_MAX);
    const delay = isVeryLate
      ? Math.floor(random() * reported.delay)
      : reported.delay + (random() < 0.5 ? minutes : -minutes);
    return {
      route: { origin: flights.origin[row]!, destination: flights.destination[row]! },
      reported,
      corrected: { ...reported, delay },
    };
  }
}
