import { add, join, keysOf, type KeyedValue } from "@zspine/core";
import type { Delta, Operator, RowSchemas, StateReader } from "./operator.ts";

type Combine = (key: unknown, left: unknown, right: unknown) => KeyedValue<unknown, unknown>;

/**
 * Joins two streams by key. Bilinear, so that what changes is Δa ⋈ b + a ⋈ Δb + Δa ⋈ Δb, with a and b as they were
 * before. Keeps both; reads of each the rows whose key is in the delta of the other.
 */
export function joinOperator(output: RowSchemas, combine: Combine, text: string): Operator {
  const joined = (a: Delta, b: Delta): Delta => join(a, b, output.key, output.value, combine);
  return {
    text: `join ${text}`,
    output,
    keepsInputs: [true, true],
    async step({ inputs: [left, right] }) {
      const [a, b] = [left!, right!];
      let delta = joined(a.delta, b.delta);
      if (a.delta.size > 0) delta = add(delta, joined(a.delta, await matching(b.before, a.delta)));
      if (b.delta.size > 0) delta = add(delta, joined(await matching(a.before, b.delta), b.delta));
      return { delta };
    },
  };
}

function matching(before: StateReader, delta: Delta): Promise<Delta> {
  return before.rowsOf(keysOf(delta));
}
