import type { IndexedZSet } from "@zspine/core";
import type { HistoryEntry, TimeEntry } from "../../src/trace/temporal-trace.ts";

/** A change of the weight of a row, whose value is told by its number in order. */
export interface Update {
  readonly time: number;
  readonly key: number;
  readonly value: number;
  readonly weight: number;
}

/** Rows as they are read. */
interface ReadRow {
  readonly key: number;
  readonly value: string;
  readonly weight: number;
}

const VALUES_MAX = 4;

/**
 * Keeps every update of a trace in a list, and answers as the definitions of reads say: the slow obvious reference.
 * Rows are told as text: the number of the row, which is in order of key and value, and its weight.
 */
export class Oracle {
  readonly updates: readonly Update[];

  constructor(updates: readonly Update[]) {
    this.updates = updates;
  }

  /** What has changed after one time and up to another, itself included; −∞ for all up to it. */
  rows(after: number, until: number, key?: number): string {
    const weights = new Map<number, number>();
    for (const { time, key: of, value, weight } of this.updates) {
      if (time <= after || time > until || (key !== undefined && of !== key)) continue;
      const row = of * VALUES_MAX + value;
      weights.set(row, (weights.get(row) ?? 0) + weight);
    }
    return textOfWeights(weights);
  }

  /** Each change at its time, times below since at since. */
  byTime(after: number, until: number, since: number): { time: number; rows: string }[] {
    const seen = this.updates
      .filter(({ time }) => time > after && time <= until)
      .map((update) => ({ ...update, time: Math.max(update.time, since) }));
    const times = [...new Set(seen.map(({ time }) => time))].sort((a, b) => a - b);
    const advanced = new Oracle(seen);
    return times
      .map((time) => ({ time, rows: advanced.rows(time - 1, time) }))
      .filter(({ rows }) => rows !== "");
  }

  history(key: number, until: number, since: number, values: readonly string[]): HistoryEntry<string>[] {
    const ofKey = new Oracle(this.updates.filter((update) => update.key === key));
    return ofKey.byTime(-Infinity, until, since).flatMap(({ time, rows }) =>
      rows.split(" ").map((row) => {
        const [number, weight] = row.split(":").map(Number) as [number, number];
        return { time, isFolded: time <= since, value: values[number - key * VALUES_MAX]!, weight };
      }),
    );
  }

  times(until: number, since: number): TimeEntry[] {
    return this.byTime(-Infinity, until, since).map(({ time }) => ({ time, isFolded: time <= since }));
  }
}

function textOfWeights(weights: ReadonlyMap<number, number>): string {
  return [...weights]
    .filter(([, weight]) => weight !== 0)
    .sort(([a], [b]) => a - b)
    .map(([row, weight]) => `${row}:${weight}`)
    .join(" ");
}

/** Rows that were read, in their order, as the oracle tells them. @throws for a value that nobody wrote. */
export function textOfRows(rows: Iterable<ReadRow>, values: readonly string[]): string {
  return Array.from(rows, ({ key, value, weight }) => {
    const at = values.indexOf(value);
    if (at < 0) throw new Error(`found a value that nobody wrote: ${JSON.stringify(value.slice(0, 40))}`);
    return `${key * VALUES_MAX + at}:${weight}`;
  }).join(" ");
}

/** Sums by times that were read, as {@link Oracle.byTime} tells them. */
export function textsByTime(
  changes: readonly { readonly time: number; readonly rows: IndexedZSet<number, string> }[],
  values: readonly string[],
): { time: number; rows: string }[] {
  return changes.map(({ time, rows }) => ({ time, rows: textOfRows(rows, values) }));
}
