import { IndexedZSet } from "@zspine/core";
import { daysAfter } from "./calendar.ts";
import type { FlightDay } from "./flights-source.ts";
import { correction, dueDay, type Correction } from "./schemas.ts";
import { randomAt } from "./seeded-random.ts";

/** Of the corrections that the job works with. */
export const CORRECTIONS_SEED = 2001;

const SHARE_CORRECTED = 0.02;
/** Of flights later than this, more are looked into, and most turn out to be less late. */
const VERY_LATE_MINUTES = 120;
const SHARE_CORRECTED_VERY_LATE = 0.25;
const DAYS_MAX = 5;
const MINUTES_MAX = 30;
/** Random numbers that a flight has for itself. */
const DRAWS = 4;

/**
 * Makes up corrections, for the data set has none: a few percent of the flights of a day are corrected one to
 * five days later. What becomes of a flight follows from the seed and its place in the source, so every run has
 * the same, wherever it begins.
 *
 * @returns The corrections of these flights under the day on which each will be known.
 */
export function makeUpCorrections(
  seed: number,
  { day, firstRow, flights }: FlightDay,
): IndexedZSet<string, Correction> {
  const rows: { key: string; value: Correction }[] = [];
  for (let row = 0; row < flights.delay.length; row++) {
    const draw = (firstRow + row) * DRAWS;
    const share = flights.delay[row]! > VERY_LATE_MINUTES ? SHARE_CORRECTED_VERY_LATE : SHARE_CORRECTED;
    if (randomAt(seed, draw) >= share) continue;
    const days = 1 + Math.floor(randomAt(seed, draw + 1) * DAYS_MAX);
    const reported = {
      date: flights.date[row]!,
      delay: flights.delay[row]!,
      distance: flights.distance[row]!,
    };
    const corrected = correctDelay(reported.delay, randomAt(seed, draw + 2), randomAt(seed, draw + 3));
    rows.push({
      key: daysAfter(day, days),
      value: {
        route: { origin: flights.origin[row]!, destination: flights.destination[row]! },
        reported,
        corrected: { ...reported, delay: corrected },
      },
    });
  }
  return IndexedZSet.from(dueDay, correction, rows);
}

function correctDelay(reported: number, size: number, sign: number): number {
  if (reported > VERY_LATE_MINUTES) return Math.floor(size * reported);
  const minutes = 1 + Math.floor(size * MINUTES_MAX);
  return sign < 0.5 ? reported + minutes : reported - minutes;
}
