import { checkOptions, numberWithin, quote, ZspineError } from "@zspine/core";

/** Batches that one merge takes at the most. */
export const INPUTS_MAX = 255;

/** A batch as a strategy sees it. */
export interface SpineBatch {
  readonly rows: number;
  readonly bytes: number;
  /** Whether a merge that is in progress reads it. */
  readonly isMerging: boolean;
}

/** A run of neighbouring batches to merge into one. */
export interface MergeDecision {
  readonly first: number;
  /** At least 2 and at most 255, and no more than there are from `first` on. */
  readonly count: number;
}

/**
 * Decides what a spine merges next, from a run of the batches that it holds, oldest first: all of them, but where
 * an open snapshot parts what came before it from what came after, or a trace with history what is folded from what is
 * not yet. It is asked after each insert and each finished merge until it decides nothing. A decision must leave out batches
 * that are merging; one that does not is passed over. What is no decision is told as a `mergeFailure`, once for each trace.
 *
 * Over a backend with a placement, such as `hybrid()`, it is not the only one to decide: neighbours that have to leave memory
 * are merged as they are written (decisions/0059).
 */
export interface MergeStrategy {
  readonly name: string;
  choose(batches: readonly SpineBatch[]): MergeDecision | undefined;
}

/**
 * Reads what a strategy gave. What is no decision is a fault of its author's, who would else never hear of it: for that
 * it gives the error to tell, with the name of the strategy and what it gave.
 */
export function readDecision(
  name: unknown,
  given: unknown,
  batches: number,
): MergeDecision | ZspineError | undefined {
  if (given === undefined) return undefined;
  const { first, count } = (given ?? {}) as Partial<MergeDecision>;
  if (isWithin(first, 0, batches - 2) && isWithin(count, 2, Math.min(batches - first, INPUTS_MAX)))
    return { first, count };
  const found =
    first === undefined && count === undefined
      ? quote(given)
      : `{ first: ${quote(first)}, count: ${quote(count)} }`;
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `the merge strategy ${quote(name)} gave ${found} for ${batches} batches: expected undefined, or { first, count } ` +
      `of 2 to ${INPUTS_MAX} neighbours among them; nothing is merged by it, and of this trace it is told no more`,
    { path: ["strategy", "choose"] },
  );
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Options of {@link tiered}. */
export interface TieredOptions {
  /** How many batches of a level are merged, and the ratio between levels; 2–64, by default 4. */
  readonly fanout?: number | undefined;
}

/** The fanout of {@link tiered} where none is given, and the ratio between the levels that statistics tell. */
export const FANOUT = 4;
const FANOUT_MAX = 64;
// Batches of up to this many rows stand on level 0: merging them costs less than deciding finely.
const LEVEL_0_ROWS = 256;

/** Tells the level of a batch: 0 up to 256 rows, and one more for each factor of `fanout`. */
export function levelOf(rows: number, fanout: number): number {
  return rows <= LEVEL_0_ROWS ? 0 : Math.ceil(Math.log(rows / LEVEL_0_ROWS) / Math.log(fanout));
}

/**
 * The default strategy: when as many neighbours as `fanout` stand on one level, they are merged, together
 * with the smaller ones after them. A row is copied O(log rows) times, and a spine of n rows has at most
 * `fanout − 1` batches on each of log n levels at rest.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a fanout out of range, or another option.
 */
export function tiered(options: TieredOptions = {}): MergeStrategy {
  const { fanout = FANOUT } = checkOptions(options, "tiered", { fanout: numberWithin(2, FANOUT_MAX, true) });
  return {
    name: `tiered(${fanout})`,
    choose(batches) {
      const levels = standingLevels(batches, fanout);
      for (let level = 0; level <= (levels[0] ?? 0); level++) {
        const run = findRun(batches, levels, level, fanout);
        if (run !== undefined) return run;
      }
      return undefined;
    },
  };
}

/**
 * Levels at which batches stand: their own, or that of a larger one that came later. Small batches that
 * were passed over while their neighbours were merging count for the level that closes them in, else they
 * would stay for ever and become many.
 */
function standingLevels(batches: readonly SpineBatch[], fanout: number): number[] {
  const levels = batches.map((batch) => levelOf(batch.rows, fanout));
  for (let at = levels.length - 2; at >= 0; at--) levels[at] = Math.max(levels[at]!, levels[at + 1]!);
  return levels;
}

/** Finds the newest run of free neighbours up to `level` in which enough stand on it. */
function findRun(
  batches: readonly SpineBatch[],
  levels: readonly number[],
  level: number,
  fanout: number,
): MergeDecision | undefined {
  let end = batches.length;
  while (end > 0) {
    let first = end;
    let onLevel = 0;
    while (first > 0 && isFree(batches, levels, first - 1, level)) {
      first--;
      if (levels[first] === level) onLevel++;
    }
    if (onLevel >= fanout) return { first, count: Math.min(end - first, INPUTS_MAX) };
    end = first === end ? end - 1 : first;
  }
  return undefined;
}

function isFree(
  batches: readonly SpineBatch[],
  levels: readonly number[],
  at: number,
  level: number,
): boolean {
  return !batches[at]!.isMerging && levels[at]! <= level;
}
