import { IndexedZSet, type KeyBounds, type Row } from "@zspine/core";
import type { Delta, RowSchemas, StateReader } from "./operator.ts";

type AnyRow = Row<unknown, unknown>;

/** Which rows are the first, of a range of an ordered stream. */
export interface Firsts {
  /** How much they weigh together. */
  readonly k: number;
  /** Whether the order goes down. */
  readonly reverse: boolean;
  readonly bounds: KeyBounds<unknown>;
}

/** The first rows with a positive weight that weigh k: before a step, and after it. */
export interface FirstRows {
  readonly were: readonly AnyRow[];
  readonly are: readonly AnyRow[];
}

/**
 * Finds the first rows of a range before and after a delta, which is all that changes in it. A row counts as often as its
 * weight says; one whose weight is not positive is passed over. Reads what weighs k and what the delta takes away, and what
 * it passes over: whatever the delta takes, k are left of that.
 */
export async function firstRows(
  { k, reverse, bounds }: Firsts,
  { key, value }: RowSchemas,
  before: StateReader,
  delta: readonly AnyRow[],
  { layout: { serializer } }: Delta,
): Promise<FirstRows> {
  const taken = delta.reduce((sum, { weight }) => sum + Math.max(0, -weight), 0);
  const read: AnyRow[] = [];
  let weight = 0;
  if (k > 0)
    for await (const row of before.rows({ ...bounds, reverse })) {
      read.push(row);
      weight += Math.max(0, row.weight);
      if (weight >= k + taken) break;
    }
  const after = [...IndexedZSet.from(key, value, [...read, ...delta], { serializer })];
  return { were: cut(read, k), are: cut(reverse ? after.reverse() : after, k) };
}

function cut(rows: readonly AnyRow[], k: number): AnyRow[] {
  const first: AnyRow[] = [];
  let left = k;
  for (const row of rows) {
    if (left === 0) break;
    if (row.weight < 0) continue;
    const weight = Math.min(row.weight, left);
    first.push({ ...row, weight });
    left -= weight;
  }
  return first;
}
