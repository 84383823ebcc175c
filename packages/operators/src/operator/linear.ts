import { add, filter, flatMap, map, subtract, type KeyedValue } from "@zspine/core";
import type { Delta, Operator, RowSchemas, StepInput } from "./operator.ts";

// Linear operators: what they make of a sum is the sum of what they make of its parts. So they make of a delta the delta of
// what comes out, read nothing and keep nothing.

type Row<R> = (key: unknown, value: unknown) => R;

/** Makes of each row another. */
export function mapOperator(
  output: RowSchemas,
  convert: Row<KeyedValue<unknown, unknown>>,
  text: string,
): Operator {
  const { key, value } = output;
  return linear(`map ${text}`, output, (delta) => map(delta, key, value, convert));
}

/** Makes of each row any number of others. */
export function flatMapOperator(
  output: RowSchemas,
  convert: Row<Iterable<KeyedValue<unknown, unknown>>>,
  text: string,
): Operator {
  const { key, value } = output;
  return linear(`flatMap ${text}`, output, (delta) => flatMap(delta, key, value, convert));
}

/** Keeps some rows. */
export function filterOperator(output: RowSchemas, accepts: Row<boolean>, text: string): Operator {
  return linear(`filter ${text}`, output, (delta) => filter(delta, accepts));
}

/** Adds up two streams, or takes the second away. */
export function sumOperator(output: RowSchemas, sign: 1 | -1): Operator {
  return {
    text: sign === 1 ? "add" : "subtract",
    output,
    keepsInputs: [false, false],
    step: ({ inputs: [a, b] }) => ({ delta: (sign === 1 ? add : subtract)(a!.delta, b!.delta) }),
  };
}

function linear(text: string, output: RowSchemas, convert: (delta: Delta) => Delta): Operator {
  const step = ({ inputs }: StepInput): { delta: Delta } => ({ delta: convert(inputs[0]!.delta) });
  return { text, output, keepsInputs: [false], step };
}
