import { addWeights, compareRows, makePart, pickPart, type Column, type Part } from "@zspine/core/engine";

/**
 * Gives the rows of a part whose times are in (after, until], in other columns: rows that are neighbours and equal in
 * these are one, with the sum of their weights, and none is left of weight 0.
 *
 * @param columns What is given of each row, in the order of the rows.
 */
export function foldRows(part: Part, columns: readonly Column[], after: number, until: number): Part {
  const { weights } = part;
  const times = part.columns.at(-1)!.heads;
  const seen = columns === part.columns ? part : makePart(columns, weights);
  const rows = new Uint32Array(weights.length);
  const sums = new Float64Array(weights.length);
  let count = 0;
  for (let row = 0; row < weights.length; row++) {
    const time = times[row]!;
    if (time <= after || time > until) continue;
    const last = count - 1;
    if (last >= 0 && compareRows(seen, rows[last]!, seen, row, 0, columns.length) === 0)
      sums[last] = addWeights(sums[last]!, weights[row]!);
    else {
      rows[count] = row;
      sums[count] = weights[row]!;
      count++;
    }
  }
  let kept = 0;
  for (let at = 0; at < count; at++) {
    if (sums[at] === 0) continue;
    rows[kept] = rows[at]!;
    sums[kept] = sums[at]!;
    kept++;
  }
  if (kept === weights.length) return seen;
  return pickPart(columns, rows.subarray(0, kept), sums.slice(0, kept));
}
