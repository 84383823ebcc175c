import {
  arraysOf,
  columnBuilder,
  type Column,
  type ColumnBuilder,
  type ColumnKind,
} from "../column/column.ts";
import type { BinaryBuilder, BinaryColumn } from "../column/binary-column.ts";
import type { NumericBuilder, NumericColumn } from "../column/numeric-column.ts";
import { copyNumbers } from "../column/copy-array.ts";
import { makePart, type Part } from "./part.ts";

/** Which rows come next: row `rows[i]` of source `sources[i]`, with weight `weights[i]`. */
export interface Plan {
  readonly sources: Uint32Array;
  readonly rows: Uint32Array;
  readonly weights: Float64Array;
}

/** Makes room for a plan of so many rows. */
export function newPlan(rows: number): Plan {
  return { sources: new Uint32Array(rows), rows: new Uint32Array(rows), weights: new Float64Array(rows) };
}

/** Leaves out of the first `planned` rows of a plan those of weight 0; gives how many stay. */
export function dropZeros({ sources, rows, weights }: Plan, planned: number): number {
  let kept = 0;
  for (let i = 0; i < planned; i++) {
    if (weights[i] === 0) continue;
    if (kept < i) {
      sources[kept] = sources[i]!;
      rows[kept] = rows[i]!;
      weights[kept] = weights[i]!;
    }
    kept++;
  }
  return kept;
}

/** Of all builders without room. */
const NO_WEIGHTS = new Float64Array(0);

/** Builds parts of rows that come in order. Kept and refilled: what `finish` gives is a copy of fitting size. */
export class PartBuilder {
  private readonly columns: readonly ColumnBuilder[];
  private weights: Float64Array;
  /** How many rows it holds. */
  length = 0;

  constructor(kinds: readonly ColumnKind[], capacity: number) {
    this.columns = kinds.map((kind) => columnBuilder(kind, capacity));
    this.weights = capacity === 0 ? NO_WEIGHTS : new Float64Array(capacity);
  }

  /** The arrays that it keeps in memory, with what is reserved. */
  get arrays(): ArrayBufferView[] {
    return [this.weights, ...this.columns.flatMap(arraysOf)];
  }

  /** Appends the first `count` rows of a plan over `parts`, each column in a loop of its own. */
  gather(parts: readonly Part[], plan: Plan, count: number): void {
    const { length } = this;
    this.reserve(length + count);
    this.columns.forEach((column, number) => {
      const from: Column[] = parts.map((part) => part.columns[number]!);
      if (column.kind === "numeric") {
        (column satisfies NumericBuilder).gather(
          length,
          from as NumericColumn[],
          plan.sources,
          plan.rows,
          count,
        );
      } else {
        (column satisfies BinaryBuilder).gather(
          length,
          from as BinaryColumn[],
          plan.sources,
          plan.rows,
          count,
        );
      }
    });
    this.weights.set(plan.weights.subarray(0, count), length);
    this.length = length + count;
  }

  /** Counts the bytes of its binary columns. */
  get binaryBytes(): number {
    let bytes = 0;
    for (const column of this.columns) if (column.kind === "binary") bytes += column.starts[this.length]!;
    return bytes;
  }

  /** Gives the rows as a part and begins anew. */
  finish(): Part {
    const columns = this.columns.map((column, number) => column.finish(this.length, number === 0));
    const part = makePart(columns, copyNumbers(this.weights, 0, this.length));
    this.length = 0;
    return part;
  }

  private reserve(rows: number): void {
    if (rows <= this.weights.length) return;
    const capacity = Math.max(rows, this.weights.length * 2);
    const weights = new Float64Array(capacity);
    for (const column of this.columns) column.reserve(capacity, this.length);
    // Last, for their length is what is relied on: columns that have grown before an allocation fails do no harm.
    weights.set(this.weights.subarray(0, this.length));
    this.weights = weights;
  }
}
