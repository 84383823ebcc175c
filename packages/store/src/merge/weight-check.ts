import { check, WEIGHT_MAX, type Batch } from "@zspine/core/engine";
import type { MadeBatch } from "../tier/batch-sink.ts";

/** An entry of a spine, as far as it weighs. */
interface Weighed {
  readonly batch: Batch;
}

/** Sums of weights are exact up to here, and so are those of their parts. */
export function isExact(batch: Batch): boolean {
  return batch.weightBound * batch.length <= WEIGHT_MAX;
}

/** The sum of the weights of entries. */
export function weightOf(entries: readonly Weighed[]): number {
  return entries.reduce((sum, { batch }) => sum + batch.totalWeight, 0);
}

/** Checks that what a merge has made is the sum of what it has read, as far as can be told without reading. */
export function checkSum(entries: readonly Weighed[], made: MadeBatch | undefined): void {
  const rows = entries.reduce((sum, { batch }) => sum + batch.length, 0);
  check((made?.batch.length ?? 0) <= rows, "a merge makes no more rows than it reads (2)");
  if (!entries.every(({ batch }) => isExact(batch))) return;
  check((made?.batch.totalWeight ?? 0) === weightOf(entries), "a merge keeps the sum of weights (2)");
}
