import { compareRows, WEIGHT_MAX, type Part, type PartRange } from "@zspine/core/engine";

/** A row of a part with the sum of its weights in all places. */
export interface SummedRow {
  readonly part: Part;
  readonly row: number;
  weight: number;
}

/** More rows than this are merged. */
export const FEW_ROWS = 32;

/**
 * Adds up the rows of one key from several places, in order of value: what a merge does, for so few rows that
 * setting one up would cost more than the rows. `undefined` when a sum may leave the range of weights on the way,
 * which only a merge can tell exactly.
 *
 * @param staged Numbers of rows of `stagedPart`, in any order.
 * @param from The first column of the value.
 * @param to The end of its columns.
 */
export function sumFewRows(
  found: readonly PartRange[],
  stagedPart: Part | undefined,
  staged: readonly number[],
  from: number,
  to: number,
): SummedRow[] | undefined {
  const rows: SummedRow[] = [];
  for (const { part, from: first, to: end } of found) {
    for (let row = first; row < end; row++) if (!place(rows, part, row, from, to)) return undefined;
  }
  for (const row of staged) if (!place(rows, stagedPart!, row, from, to)) return undefined;
  return rows.some(({ weight }) => weight === 0) ? rows.filter(({ weight }) => weight !== 0) : rows;
}

/** Inserts a row in order, or adds its weight to an equal one; false when the sum leaves the range. */
function place(rows: SummedRow[], part: Part, row: number, from: number, to: number): boolean {
  const weight = part.weights[row]!;
  let at = rows.length;
  for (; at > 0; at--) {
    const before = rows[at - 1]!;
    const order = compareRows(before.part, before.row, part, row, from, to);
    if (order < 0) break;
    if (order > 0) continue;
    before.weight += weight;
    return Math.abs(before.weight) <= WEIGHT_MAX;
  }
  rows.splice(at, 0, { part, row, weight });
  return true;
}
