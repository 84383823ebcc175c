import { IndexedZSet, refused, ZspineError, type ColumnarRows, type IndexedZSetRowInput } from "@zspine/core";
import type { Node } from "../node/node.ts";
import type { Delta } from "../operator/operator.ts";

/** What changes of an input: a Z-set, rows, or columns. */
export type GivenDelta<K, V> = IndexedZSet<K, V> | Iterable<IndexedZSetRowInput<K, V>> | ColumnarRows<K, V>;

/**
 * Makes a Z-set of what was given for an input.
 *
 * @throws `ZSPINE_SCHEMA` for a Z-set of other columns; as `IndexedZSet.from` and `fromColumns`.
 */
export function deltaOf(name: string, { layout, output, wiring }: Node, given: unknown): Delta {
  const { serializer } = wiring;
  if (given instanceof IndexedZSet) {
    if (given.layout.fingerprint === layout.fingerprint) return given as Delta;
    throw new ZspineError(
      "ZSPINE_SCHEMA",
      `step.${name}: expected rows of ${layout.fingerprint}, found ${given.layout.fingerprint}; make the Z-set with the schemas of the input`,
      { path: ["step", name] },
    );
  }
  if (typeof given !== "object" || given === null)
    throw refused(["step", name], "rows, columns or an IndexedZSet", given);
  if (Symbol.iterator in given)
    return IndexedZSet.from(
      output.key,
      output.value,
      given as Iterable<IndexedZSetRowInput<unknown, unknown>>,
      { serializer },
    );
  return IndexedZSet.fromColumns(output.key, output.value, given as ColumnarRows<unknown, unknown>, {
    serializer,
  });
}
