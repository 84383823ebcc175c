import { NO_HEADS } from "../column/binary-column.ts";
import { copyNumbers } from "../column/copy-array.ts";
import { arraysOf, columnBuilder, type Column, type ColumnBuilder } from "../column/column.ts";
import type { HashSeed } from "../hash/half-siphash.ts";
import type { Columns } from "../schema/columns.ts";
import { makePart, type Part } from "./part.ts";
import { StagedIndex } from "./staged-index.ts";

/**
 * Rows in columns that only grow, numbered in the order of their arrival, with an index of their keys. How many
 * rows there are its holders say: the staging that appends, and views of it, each with a length of its own.
 *
 * Invariant: a row below `shown` is never written again, so what a view has seen stays, whether the columns grow
 * or the staging goes on with others.
 */
export class StagedRows {
  readonly columns: readonly ColumnBuilder[];
  weights: Float64Array;
  /** The greatest length of a view of it. */
  shown = 0;
  private readonly layout: Columns;
  private readonly keys: readonly ColumnBuilder[];
  private index: StagedIndex | undefined;
  private readonly live: Column[];
  private livePart: Part | undefined;

  constructor(layout: Columns, columns: readonly ColumnBuilder[], weights: Float64Array) {
    this.layout = layout;
    this.columns = columns;
    this.weights = weights;
    this.keys = columns.slice(0, layout.keyColumns);
    this.live = columns.map(pointTo);
  }

  /** Makes columns without rows. */
  static empty(layout: Columns, capacity: number): StagedRows {
    const columns = layout.kinds.map((kind) => columnBuilder(kind, capacity));
    return new StagedRows(layout, columns, new Float64Array(capacity));
  }

  /**
   * The arrays that it keeps in memory, with what is reserved, the index, and what its part still points to from
   * before the columns grew; some of them several times.
   */
  get arrays(): ArrayBufferView[] {
    const { columns, live, livePart, weights, index } = this;
    const pointedTo = livePart === undefined ? [] : [livePart.weights];
    return [weights, ...pointedTo, ...[...columns, ...live].flatMap(arraysOf), ...(index?.arrays ?? [])];
  }

  /** Makes room for `capacity` rows; the first `length` are kept. Has changed nothing that counts where it throws. */
  reserve(capacity: number, length: number): void {
    const weights = new Float64Array(capacity);
    for (const column of this.columns) column.reserve(capacity, length);
    // Last, for their length is what is relied on: columns that have grown before an allocation fails do no harm.
    weights.set(this.weights.subarray(0, length));
    this.weights = weights;
  }

  /** Copies rows `[from, to)` to columns of their own, which nobody has seen. */
  fork(from: number, to: number, capacity: number): StagedRows {
    const columns = this.columns.map((column) => column.fork(from, to, capacity));
    const weights = new Float64Array(capacity);
    weights.set(this.weights.subarray(from, to));
    return new StagedRows(this.layout, columns, weights);
  }

  /** Copies rows `[from, to)` as they came. */
  copy(from: number, to: number): Part {
    return makePart(
      this.columns.map((column) => column.copy(from, to)),
      copyNumbers(this.weights, from, to),
    );
  }

  /** Forgets the rows from `length` on, which no view has seen. */
  forget(length: number): void {
    if (this.index !== undefined && this.index.length > length) this.index = undefined;
  }

  /** See `StagingView.find`. */
  find(probe: Part, at: number, hash: number, seed: HashSeed, until: number, into: number[]): number {
    if (this.index?.seed !== seed) this.index = new StagedIndex(seed);
    const { index, keys, weights } = this;
    index.catchUp(keys, until);
    let found = 0;
    for (
      let next = index.newest(keys, probe.columns, at, hash);
      next !== 0;
      next = index.rowBefore(next - 1)
    ) {
      const row = next - 1;
      if (row >= until || weights[row] === 0) continue;
      into.push(row);
      found++;
    }
    return found;
  }

  /** See `StagingView.part`. */
  part(): Part {
    this.columns.forEach((builder, number) => {
      if (!pointsTo(this.live[number]!, builder)) this.live[number] = pointTo(builder);
    });
    const { weights, live } = this;
    if (this.livePart?.weights !== weights) this.livePart = makePart(live, weights);
    return this.livePart;
  }
}

const NO_ROWS = new Float64Array(0);

function pointTo(builder: ColumnBuilder): Column {
  if (builder.kind === "numeric") return { kind: "numeric", heads: builder.heads, tails: builder.tails };
  const { starts, bytes } = builder;
  return { kind: "binary", heads: NO_ROWS, skip: NO_HEADS, hasTails: true, starts, bytes };
}

function pointsTo(column: Column, builder: ColumnBuilder): boolean {
  if (column.kind === "numeric")
    return builder.kind === "numeric" && column.heads === builder.heads && column.tails === builder.tails;
  return builder.kind === "binary" && column.starts === builder.starts && column.bytes === builder.bytes;
}
