import { add, distinct, keysOf, subtract } from "@zspine/core";
import type { Operator, RowSchemas } from "./operator.ts";

/** Makes a set: rows with a positive weight, each once. Keeps its input; reads of it the rows of keys in the delta. */
export function distinctOperator(output: RowSchemas): Operator {
  return {
    text: "distinct",
    output,
    keepsInputs: [true],
    async step({ inputs: [input] }) {
      const { delta, before } = input!;
      const were = await before.rowsOf(keysOf(delta));
      return { delta: subtract(distinct(add(were, delta)), distinct(were)) };
    },
  };
}
