import { add, IndexedZSet, keysOf, subtract, type IndexedZSetRowInput } from "@zspine/core";
import { GroupWalk } from "./group-walk.ts";
import type { Delta, Operator, RowSchemas, Values } from "./operator.ts";

/** Makes rows of all the rows of a key; the same of the same. */
export type Reduce = (key: unknown, values: Values) => Iterable<IndexedZSetRowInput<unknown, unknown>>;

/**
 * Makes any number of rows of all the rows of a key. Keeps its input; reads of it the rows of keys in the delta, and makes
 * what comes of them twice: as they were, and as they are.
 */
export function reduceOperator(output: RowSchemas, reduce: Reduce, text: string): Operator {
  return {
    text: `reduce ${text}`,
    output,
    keepsInputs: [true],
    async step({ inputs: [input] }) {
      const { delta, before } = input!;
      const were = await before.rowsOf(keysOf(delta));
      return { delta: subtract(reduced(add(were, delta), output, reduce), reduced(were, output, reduce)) };
    },
  };
}

function reduced(rows: Delta, { key, value }: RowSchemas, reduce: Reduce): Delta {
  const results: IndexedZSetRowInput<unknown, unknown>[] = [];
  for (const walk = new GroupWalk([rows]); !walk.isDone; walk.next())
    for (const result of reduce(walk.key, walk.valuesOf(0))) results.push(result);
  const { serializer } = rows.layout;
  return IndexedZSet.from(key, value, results, { serializer });
}
