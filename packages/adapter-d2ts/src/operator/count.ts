import type { IStreamBuilder, KeyValue } from "@electric-sql/d2ts";
import { addWeights } from "@zspine/core/engine";
import { reduce, type ReduceIndexes } from "./reduce.ts";

/** Counts the rows of each key, as `count()` of d2ts does; a key without rows has no count. See {@link reduce}. */
export function count<K, V>(
  indexes: ReduceIndexes<K, V, number>,
): (stream: IStreamBuilder<KeyValue<K, V>>) => IStreamBuilder<KeyValue<K, number>> {
  return reduce<K, V, number>(
    (values) => [[values.reduce((sum, [, weight]) => addWeights(sum, weight), 0), 1]],
    indexes,
  );
}
