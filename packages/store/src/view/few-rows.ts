import { compareRows, WEIGHT_MAX, type Part, type PartRange } from "@zspine/core/engine";

/** More rows than this are merged. */
export const FEW_ROWS = 32;

/**
 * Adds up the rows of one key from several places, in order of value: what a merge does, for so few rows that
 * setting one up would cost more than the rows. Kept and filled again: row `i` is row `rows[i]` of `parts[i]`, with the
 * sum of its weights in all places.
 */
export class FewRows {
  readonly parts: (Part | undefined)[] = [];
  readonly rows: number[] = [];
  readonly weights: number[] = [];
  /** How many rows there are. */
  length = 0;
  /** How many there were before those that came to 0 were left out. */
  private places = 0;

  /**
   * Adds rows up. False when a sum may leave the range of weights on the way, which only a merge can tell exactly.
   *
   * @param staged Numbers of rows of `stagedPart`, in any order.
   * @param from The first column of the value.
   * @param to The end of its columns.
   */
  sum(
    found: readonly PartRange[],
    stagedPart: Part | undefined,
    staged: readonly number[],
    from: number,
    to: number,
  ): boolean {
    this.length = 0;
    let isTold = true;
    for (const { part, from: first, to: end } of found)
      for (let row = first; row < end && isTold; row++) isTold = this.place(part, row, from, to);
    for (const row of staged) isTold = isTold && this.place(stagedPart!, row, from, to);
    this.dropZeros();
    if (!isTold) this.clear();
    return isTold;
  }

  /** Inserts a row in order, or adds its weight to an equal one; false when the sum leaves the range. */
  private place(part: Part, row: number, from: number, to: number): boolean {
    const { parts, rows, weights } = this;
    const weight = part.weights[row]!;
    let at = this.length;
    for (; at > 0; at--) {
      const order = compareRows(parts[at - 1]!, rows[at - 1]!, part, row, from, to);
      if (order < 0) break;
      if (order > 0) continue;
      weights[at - 1]! += weight;
      return Math.abs(weights[at - 1]!) <= WEIGHT_MAX;
    }
    for (let last = this.length++; last > at; last--) this.move(last - 1, last);
    parts[at] = part;
    rows[at] = row;
    weights[at] = weight;
    return true;
  }

  /** Lets go of the parts, which may leave memory; not of the arrays, which would take longer to make than to fill. */
  clear(): void {
    for (let at = 0; at < this.places; at++) this.parts[at] = undefined;
    this.places = 0;
    this.length = 0;
  }

  private dropZeros(): void {
    this.places = this.length;
    let kept = 0;
    for (let at = 0; at < this.places; at++) {
      if (this.weights[at] === 0) continue;
      if (kept < at) this.move(at, kept);
      kept++;
    }
    this.length = kept;
  }

  private move(from: number, to: number): void {
    const { parts, rows, weights } = this;
    parts[to] = parts[from];
    rows[to] = rows[from]!;
    weights[to] = weights[from]!;
  }
}
