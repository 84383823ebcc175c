import type { IStreamBuilder, KeyValue } from "@electric-sql/d2ts";
import { checkOptions, refused, type OptionKind } from "@zspine/core";
import { reduce, type ReduceIndexes } from "./reduce.ts";

/** Which values of a key are wanted. */
export interface TopKOptions {
  /** How many; all unless given. */
  readonly limit?: number | undefined;
  /** How many before them are passed over; 0 unless given. */
  readonly offset?: number | undefined;
}

/**
 * Has the first values of each key in an order, as `topK(compare, { limit, offset })` of d2ts does: a value that is there
 * several times counts as one and keeps its multiplicity. See {@link reduce}.
 *
 * @throws `ZSPINE_INVALID_OPTIONS`.
 */
export function topK<K, V>(
  compare: (a: V, b: V) => number,
  indexes: ReduceIndexes<K, V, V>,
  options: TopKOptions = {},
): (stream: IStreamBuilder<KeyValue<K, V>>) => IStreamBuilder<KeyValue<K, V>> {
  if (typeof compare !== "function") throw refused(["topK"], "a function that compares two values", compare);
  const { limit = Infinity, offset = 0 } = checkOptions(options, "topK", { limit: ROWS, offset: ROWS });
  return reduce<K, V, V>(
    (values) => values.sort(([a], [b]) => compare(a, b)).slice(offset, offset + limit),
    indexes,
  );
}

const ROWS: OptionKind = {
  expected: "a number of values, 0 or more",
  accepts: (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 0),
};
