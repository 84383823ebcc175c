const DAY_MS = 86_400_000;

/** Writes the day of a time, in UTC, such as `2001-01-31`; days compare as their texts do. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The day that comes `count` days after another. */
export function daysAfter(day: string, count: number): string {
  return dayOf(Date.parse(day) + count * DAY_MS);
}

/** Counts days since 1970-01-01: the time that a day is in temporal traces. */
export function timeOf(day: string): number {
  return Date.parse(day) / DAY_MS;
}

/** Writes the day that a time of a temporal trace is. */
export function dayAt(time: number): string {
  return dayOf(time * DAY_MS);
}

/** Whether a text is a day as {@link dayOf} writes it. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && dayOf(time) === text;
}

/** When the day after that of a time begins. */
export function nextMidnight(time: number): number {
  return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
}
