const DAY_MS = 86_400_000;

/** Writes the day of a time, in UTC, such as `2001-01-31`; days compare as their texts do. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The day that comes `count` days after another. */
export function daysAfter(day: string, count: number): string {
  return dayOf(Date.parse(day) + count * DAY_MS);
}

/** When the day after that of a time begins. */
export function nextMidnight(time: number): number {
  return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
}
