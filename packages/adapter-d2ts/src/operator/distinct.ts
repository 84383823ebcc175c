import type { IStreamBuilder, KeyValue } from "@electric-sql/d2ts";
import { reduce, type ReduceIndexes } from "./reduce.ts";

/** Has each value of a key once that is there at all, as `distinct()` of d2ts does. See {@link reduce}. */
export function distinct<K, V>(
  indexes: ReduceIndexes<K, V, V>,
): (stream: IStreamBuilder<KeyValue<K, V>>) => IStreamBuilder<KeyValue<K, V>> {
  return reduce<K, V, V>(
    (values) => values.filter(([, weight]) => weight > 0).map(([value]) => [value, 1]),
    indexes,
  );
}
