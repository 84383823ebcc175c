import type { Row } from "../src/index.ts";

/** The values that rows have, in order. */
export const VALUES = ["", "a value of some length", "b"] as const;

/** Rows of one trace, kept so that many are cheap: by `key × 3 + number of the value`, which is their order. */
export class DurableModel {
  private readonly weights: Map<number, number>;

  constructor(weights: ReadonlyMap<number, number> = new Map()) {
    this.weights = new Map(weights);
  }

  insert(key: number, value: number, weight: number): void {
    const row = key * VALUES.length + value;
    const sum = (this.weights.get(row) ?? 0) + weight;
    if (sum === 0) this.weights.delete(row);
    else this.weights.set(row, sum);
  }

  get totalWeight(): number {
    let total = 0;
    for (const weight of this.weights.values()) total += weight;
    return total;
  }

  get size(): number {
    return this.weights.size;
  }

  copy(): DurableModel {
    return new DurableModel(this.weights);
  }

  /** The weights of a key, by value. */
  weightsOf(key: number): { value: string; weight: number }[] {
    return VALUES.flatMap((value, at) => {
      const weight = this.weights.get(key * VALUES.length + at);
      return weight === undefined ? [] : [{ value, weight }];
    });
  }

  /** All rows from `gte` up to, not with, `lt`, in order, as text. */
  text(gte = -Infinity, lt = Infinity): string {
    const rows = [...this.weights].filter(([row]) => row >= gte * VALUES.length && row < lt * VALUES.length);
    return rows
      .sort(([a], [b]) => a - b)
      .map(([row, weight]) => `${row}:${weight}`)
      .join(" ");
  }
}

/** Rows that were read, as {@link DurableModel.text} writes them. */
export function textOf(rows: Iterable<Row<number, string>>): string {
  return Array.from(rows, ({ key, value, weight }) => {
    const at = VALUES.indexOf(value as (typeof VALUES)[number]);
    if (at < 0) throw new Error(`found a value that nobody wrote: ${JSON.stringify(value)}`);
    return `${key * VALUES.length + at}:${weight}`;
  }).join(" ");
}
