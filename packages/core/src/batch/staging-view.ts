import type { HashSeed } from "../hash/half-siphash.ts";
import { consolidate } from "./consolidate.ts";
import { arraysOfPart, pickPart, type Part } from "./part.ts";
import type { StagedRows } from "./staged-rows.ts";

/**
 * What was staged at one moment: the first `length` rows. Free to make and immutable: rows that are staged, sealed
 * or dropped later do not show. It keeps the columns in memory for as long as it lives.
 */
export class StagingView {
  /** How many rows it sees; weights of 0 are among them. */
  readonly length: number;
  /** The sum of the weights; NaN once it has left ±(2⁵³−1) on the way. */
  readonly totalWeight: number;
  /** The sum of the magnitudes of the weights: no sum of rows is beyond it. */
  readonly mass: number;
  private readonly rows: StagedRows;
  private parts: readonly Part[] | undefined;

  constructor(rows: StagedRows, length: number, totalWeight: number, mass: number) {
    this.rows = rows;
    this.length = length;
    this.totalWeight = totalWeight;
    this.mass = mass;
  }

  /**
   * Finds the rows whose key is that of row `at` of `probe`: equal in all of the key's columns, of weight other
   * than 0, newest first. Expected O(1) and the rows of the key, and O(1) for each row that was staged since a
   * look-up last asked, to index it.
   *
   * @param hash The keyed hash of the key under `seed`.
   * @param seed One for all look-ups: with another the index is built anew.
   * @param into Gets the numbers of the rows appended.
   * @returns How many there are.
   */
  find(probe: Part, at: number, hash: number, seed: HashSeed, into: number[]): number {
    return this.rows.find(probe, at, hash, seed, this.length, into);
  }

  /**
   * The columns as they lie there, for `compareRows`, `readRow` and `part.weights` of rows that {@link find} gave;
   * nothing is copied. Good for nothing else: they are longer than what the view sees, and text and bytes have no
   * heads to sort or merge by.
   */
  get part(): Part {
    return this.rows.part();
  }

  /** Copies the rows of the given numbers and consolidates them: one part of a batch, none when nothing is left. */
  pick(numbers: readonly number[]): Part[] {
    const { columns, weights } = this.part;
    const rows = Uint32Array.from(numbers);
    const picked = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) picked[i] = weights[rows[i]!]!;
    return consolidate(pickPart(columns, rows, picked));
  }

  /**
   * Gives all rows consolidated, as parts of a batch. Sorts once: asked again, it is free.
   *
   * @throws `ZSPINE_WEIGHT_RANGE` when the sum of equal rows leaves ±(2⁵³−1).
   */
  consolidate(partBytes?: number): readonly Part[] {
    this.parts ??= consolidate(this.rows.copy(0, this.length), partBytes);
    return this.parts;
  }

  /** Tells whether it sees the first `length` of these rows. */
  isOf(rows: StagedRows, length: number): boolean {
    return this.rows === rows && this.length === length;
  }

  /** The arrays that it keeps in memory: the columns, shared with all views of them, and what was consolidated. */
  get arrays(): ArrayBufferView[] {
    return [...this.rows.arrays, ...(this.parts ?? []).flatMap(arraysOfPart)];
  }
}
