import { IndexedZSet, type KeyBounds, type Row } from "@zspine/core";
import { firstRows } from "./first-rows.ts";
import { GroupWalk } from "./group-walk.ts";
import type { Delta, Operator, RowSchemas } from "./operator.ts";

/** Which rows of an ordered stream are kept. */
export interface TopKOptions {
  /** The first rows in the order of their columns, which is the default, or with `descending` the last. */
  readonly order?: "ascending" | "descending" | undefined;
  /** Whether `k` rows are kept of each `key`, which is the default, or of `all` rows together, in the order of keys. */
  readonly of?: "key" | "all" | undefined;
}

type AnyRow = Row<unknown, unknown>;

/**
 * Keeps the first k rows, of each key or of all. Keeps its input, which is ordered. Reads of it, for each key in the delta,
 * the rows that weigh k and what the delta takes away, and those whose weight is not positive among them.
 */
export function topKOperator(
  output: RowSchemas,
  k: number,
  { order = "ascending", of = "key" }: TopKOptions,
): Operator {
  const reverse = order === "descending";
  return {
    text: `topK ${JSON.stringify([k, order, of])}`,
    output,
    keepsInputs: [true],
    async step({ inputs: [input] }) {
      const { delta, before } = input!;
      const change: AnyRow[] = [];
      for (const { bounds, rows } of of === "all" ? [{ bounds: {}, rows: [...delta] }] : groupsOf(delta)) {
        const { were, are } = await firstRows({ k, reverse, bounds }, output, before, rows, delta);
        for (const row of are) change.push(row);
        for (const row of were) change.push({ ...row, weight: -row.weight });
      }
      const { serializer } = delta.layout;
      return { delta: IndexedZSet.from(output.key, output.value, change, { serializer }) };
    },
  };
}

/** The rows of each key, and the bounds of it. */
function* groupsOf(delta: Delta): Generator<{ bounds: KeyBounds<unknown>; rows: readonly AnyRow[] }> {
  for (const walk = new GroupWalk([delta]); !walk.isDone; walk.next()) {
    const { key } = walk;
    const rows = walk.valuesOf(0).map(({ value, weight }) => ({ key, value, weight }));
    yield { bounds: { gte: key, lte: key }, rows };
  }
}
