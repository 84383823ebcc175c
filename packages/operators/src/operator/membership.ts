import { add, antijoin, distinct, except, keysOf, restrict, subtract, union } from "@zspine/core";
import { NOTHING } from "@zspine/core/engine";
import { mapOperator } from "./linear.ts";
import type { Operator, RowSchemas } from "./operator.ts";

/** Makes of a stream its keys, each with the sum of the weights of its rows: what {@link membershipOperator} looks in. */
export function keysOperator({ key }: RowSchemas): Operator {
  return mapOperator({ key, value: NOTHING }, (found) => ({ key: found, value: undefined }), "keys");
}

/**
 * Keeps the rows of one stream whose key is among those of the other, or is not. A key is there as long as the weights of
 * its rows add up to more than 0. Keeps the rows, and the keys. Reads the keys that are in either delta, and of the rows
 * those of keys that have come or gone.
 */
export function membershipOperator(output: RowSchemas, isAnti: boolean): Operator {
  return {
    text: isAnti ? "antijoin" : "semijoin",
    output,
    keepsInputs: [true, true],
    async step({ inputs: [rows, keys] }) {
      const { delta, before } = rows!;
      const touched = union(keysOf(delta), keysOf(keys!.delta));
      const found = await keys!.before.rowsOf(touched);
      const were = keysOf(distinct(found));
      const are = keysOf(distinct(add(found, keys!.delta)));
      const [come, gone] = isAnti
        ? [except(were, are), except(are, were)]
        : [except(are, were), except(were, are)];
      const own = isAnti ? antijoin(delta, are) : restrict(delta, are);
      const more = come.size > 0 ? add(own, await before.rowsOf(come)) : own;
      return { delta: gone.size > 0 ? subtract(more, await before.rowsOf(gone)) : more };
    },
  };
}
