/** A row of a reference: a value as JSON, at its version. */
interface ReferenceRow {
  readonly key: string;
  readonly value: string;
  readonly times: readonly number[];
  readonly weight: number;
}

/** An index as its definition says, slowly: all rows that were ever added, and the frontier. */
export class ReferenceIndex {
  readonly rows: ReferenceRow[];
  frontier: readonly (readonly number[])[] | undefined;

  constructor(rows: readonly ReferenceRow[] = [], frontier?: readonly (readonly number[])[]) {
    this.rows = [...rows];
    this.frontier = frontier;
  }

  copy(): ReferenceIndex {
    return new ReferenceIndex(this.rows, this.frontier);
  }

  add(key: string, value: unknown, times: readonly number[], weight: number): void {
    this.rows.push({ key, value: JSON.stringify(value), times, weight });
  }

  /** Whether a version can be read and written. */
  allows(times: readonly number[]): boolean {
    return this.frontier === undefined || this.frontier.some((least) => isUpTo(least, times));
  }

  /** Whether the frontier may go there. */
  mayGoTo(frontier: readonly (readonly number[])[]): boolean {
    return frontier.every((times) => this.allows(times));
  }

  get keys(): string[] {
    return [...new Set(this.rows.map(({ key }) => key))].filter((key) => this.changes(key).size > 0);
  }

  reconstructAt(key: string, times: readonly number[]): Record<string, number> {
    return sum(this.rows.filter((row) => row.key === key && isUpTo(row.times, times)));
  }

  /** The changes of a key by version, each as of the frontier if it is before. */
  changes(key: string): Map<string, Record<string, number>> {
    const byVersion = new Map<string, ReferenceRow[]>();
    for (const row of this.rows.filter((found) => found.key === key)) {
      const version = JSON.stringify(this.advanced(row.times));
      byVersion.set(version, [...(byVersion.get(version) ?? []), row]);
    }
    const changes = [...byVersion].map(([version, rows]) => [version, sum(rows)] as const);
    return new Map(changes.filter(([, rows]) => Object.keys(rows).length > 0));
  }

  /** All pairs of values of like keys, by version. */
  join(other: ReferenceIndex): Record<string, Record<string, number>> {
    const joined: Record<string, Record<string, number>> = {};
    for (const key of this.keys)
      for (const [version, values] of this.changes(key))
        for (const [otherVersion, others] of other.changes(key)) {
          const times = (JSON.parse(otherVersion) as number[]).map((time, at) =>
            Math.max(time, (JSON.parse(version) as number[])[at]!),
          );
          const rows = (joined[JSON.stringify(times)] ??= {});
          for (const [value, weight] of Object.entries(values))
            for (const [otherValue, otherWeight] of Object.entries(others)) {
              const pair = JSON.stringify([key, [JSON.parse(value), JSON.parse(otherValue)]]);
              rows[pair] = (rows[pair] ?? 0) + weight * otherWeight;
            }
        }
    return dropZeros(joined);
  }

  /** By the definition in "Sharing arrangements": the meet of what is in advance of each element of the frontier. */
  private advanced(times: readonly number[]): readonly number[] {
    const { frontier } = this;
    if (frontier === undefined || frontier.length === 0) return times;
    const joins = frontier.map((least) => times.map((time, at) => Math.max(time, least[at]!)));
    return joins.reduce((a, b) => a.map((time, at) => Math.min(time, b[at]!)));
  }
}

/** Drops pairs that add up to nothing, and versions without any. */
export function dropZeros(
  joined: Record<string, Record<string, number>>,
): Record<string, Record<string, number>> {
  const kept = Object.entries(joined).map(([version, rows]) => {
    const some = Object.entries(rows).filter(([, weight]) => weight !== 0);
    return [version, Object.fromEntries(some)] as const;
  });
  return Object.fromEntries(kept.filter(([, rows]) => Object.keys(rows).length > 0));
}

function isUpTo(times: readonly number[], other: readonly number[]): boolean {
  return times.every((time, at) => time <= other[at]!);
}

function sum(rows: readonly ReferenceRow[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { value, weight } of rows) sums[value] = (sums[value] ?? 0) + weight;
  return Object.fromEntries(Object.entries(sums).filter(([, weight]) => weight !== 0));
}
