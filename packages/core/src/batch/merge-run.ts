import type { MergeSource } from "./merge-source.ts";
import type { Plan } from "./part-builder.ts";

/** Rows of one source before all others that are planned at once: where there are fewer it is not worth it. */
const RUN_ROWS = 64;

/**
 * Plans the rows of a source that come before all others by their heads, at most `most`, at once, and lets it stand behind
 * them; nothing where they are few, which one comparison tells. Gives how many. Cost O(log rows) to find them, and for
 * each a fraction of comparing it.
 *
 * @param limit The front of the source that comes next; `undefined` where there is none.
 */
export function planRun(
  plan: Plan,
  planned: number,
  source: MergeSource,
  number: number,
  limit: number | undefined,
  most: number,
): number {
  if (!source.isLoaded || most < RUN_ROWS) return 0;
  const { row, isReverse, heads } = source;
  const step = isReverse ? -1 : 1;
  const rows = Math.min((source.stop - row) * step, most);
  if (rows < RUN_ROWS) return 0;
  const count = limit === undefined ? rows : countBefore(heads, row, rows, limit, step);
  if (count < RUN_ROWS) return 0;
  const { weights } = source.part;
  plan.sources.fill(number, planned, planned + count);
  for (let i = planned, at = row; i < planned + count; i++, at += step) {
    plan.rows[i] = at;
    plan.weights[i] = weights[at]!;
  }
  source.row = row + step * count;
  return count;
}

/** Counts the heads that come before `limit`, of `rows` from `from` on, which are in order; 0 where they are few. */
function countBefore(heads: Float64Array, from: number, rows: number, limit: number, step: 1 | -1): number {
  const isBefore = (count: number): boolean => (limit - heads[from + step * (count - 1)]!) * step > 0;
  if (!isBefore(RUN_ROWS)) return 0;
  let low = RUN_ROWS;
  let high = rows;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (isBefore(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
