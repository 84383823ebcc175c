import { isPlayed, type ResultFile } from "./result.ts";

/** What a row of zspine took before and now, in seconds. */
interface Change {
  readonly id: string;
  readonly contestant: string;
  readonly before: number;
  readonly after: number;
  /** Time now over time before: above 1 it is slower. */
  readonly ratio: number;
}

/** How two results differ. */
export interface Comparison {
  /** Slower by more than {@link REGRESSION}, by the median and by the least time of a run alike. */
  readonly slower: readonly Change[];
  readonly faster: readonly Change[];
  readonly compared: number;
  /** Rows of zspine that were measured before and are not there now, or are void. */
  readonly gone: readonly string[];
  /** Why figures of the two may not be comparable. */
  readonly warnings: readonly string[];
}

/** A change in time that is told, as a part. */
const REGRESSION = 0.15;

/**
 * Compares two results row by row, rows of the same name and workload, all contestants that are zspine. A row counts as
 * changed when both its median and its least time are: one run that something came in the way of is no regression.
 */
export function compareResults(before: ResultFile, after: ResultFile): Comparison {
  const slower: Change[] = [];
  const faster: Change[] = [];
  const gone: string[] = [];
  let compared = 0;
  const now = new Map(after.rows.map((row) => [row.id, row]));
  for (const old of before.rows) {
    const row = now.get(old.id);
    // A run of a part only says nothing of the rest.
    if (row === undefined || row.checksum !== old.checksum) continue;
    for (const [contestant, was] of Object.entries(old.contestants)) {
      if (!contestant.startsWith("zspine") || !isPlayed(was)) continue;
      const is = row.contestants[contestant];
      if (!isPlayed(is)) {
        gone.push(`${old.id}: ${contestant}${is === undefined ? "" : `, ${is.void}`}`);
        continue;
      }
      compared++;
      const ratio = is.wall.median / was.wall.median;
      const ratioOfLeast = is.wall.least / was.wall.least;
      const change = { id: old.id, contestant, before: was.wall.median, after: is.wall.median, ratio };
      if (Math.min(ratio, ratioOfLeast) > 1 + REGRESSION) slower.push(change);
      if (Math.max(ratio, ratioOfLeast) < 1 / (1 + REGRESSION)) faster.push(change);
    }
  }
  const warnings = (["cpu", "cores", "system"] as const)
    .filter((fact) => before.machine[fact] !== after.machine[fact])
    .map((fact) => `${fact}: ${before.machine[fact]} before, ${after.machine[fact]} now`);
  return {
    slower: slower.toSorted((a, b) => b.ratio - a.ratio),
    faster: faster.toSorted((a, b) => a.ratio - b.ratio),
    compared,
    gone,
    warnings,
  };
}
