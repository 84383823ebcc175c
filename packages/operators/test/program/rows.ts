/** Rows of a key and a value with their weights, by the text of both: the slow obvious Z-set. */
export class Rows {
  private readonly weights = new Map<string, number>();

  static of(rows: Iterable<readonly [key: number, value: number, weight: number]>): Rows {
    const made = new Rows();
    for (const [key, value, weight] of rows) made.add(key, value, weight);
    return made;
  }

  add(key: number, value: number, weight: number): void {
    const row = JSON.stringify([key, value]);
    const sum = (this.weights.get(row) ?? 0) + weight;
    if (sum === 0) this.weights.delete(row);
    else this.weights.set(row, sum);
  }

  addAll(other: Rows, factor = 1): this {
    for (const [key, value, weight] of other) this.add(key, value, weight * factor);
    return this;
  }

  /** In order of key and value. */
  *[Symbol.iterator](): Generator<readonly [key: number, value: number, weight: number]> {
    const rows = [...this.weights].map(([row, weight]) => {
      const [key, value] = JSON.parse(row) as [number, number];
      return [key, value, weight] as const;
    });
    yield* rows.sort(([k, v], [l, w]) => k - l || v - w);
  }

  /** The values of each key, in order. */
  groups(): Map<number, { value: number; weight: number }[]> {
    const groups = new Map<number, { value: number; weight: number }[]>();
    for (const [key, value, weight] of this) groups.set(key, [...(groups.get(key) ?? []), { value, weight }]);
    return groups;
  }

  toString(): string {
    return [...this].map((row) => row.join(":")).join(" ");
  }
}
