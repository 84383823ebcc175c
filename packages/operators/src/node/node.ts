import { IndexedZSet, layoutOf, type Layout, type Schema, type Serializer } from "@zspine/core";
import type { Delta, Operator, RowSchemas } from "../operator/operator.ts";

/** What the nodes of one pipeline share. */
export interface Wiring {
  /** What opaque parts of rows are encoded by. */
  readonly serializer: Serializer | undefined;
  /** The schema of the time of its steps; missing where it has none. */
  readonly time: Schema | undefined;
}

/** A place in a pipeline where rows come from: an input, or an operator over other nodes. */
export interface Node {
  readonly wiring: Wiring;
  /** The name of an input; missing for an operator. */
  readonly name: string | undefined;
  readonly operator: Operator | undefined;
  readonly inputs: readonly Node[];
  readonly output: RowSchemas;
  readonly layout: Layout;
}

/** Makes the node of an input. @throws as `layoutOf`. */
export function inputNode(wiring: Wiring, name: string, output: RowSchemas): Node {
  const { serializer } = wiring;
  const layout = layoutOf(output.key, output.value, { serializer });
  return { wiring, name, operator: undefined, inputs: [], output, layout };
}

/** Makes the node of an operator. @throws as `layoutOf`. */
export function operatorNode(operator: Operator, inputs: readonly Node[]): Node {
  const { wiring } = inputs[0]!;
  const { output } = operator;
  const { serializer } = wiring;
  const layout = layoutOf(output.key, output.value, { serializer });
  return { wiring, name: undefined, operator, inputs, output, layout };
}

/** What a node is, besides its inputs: equal for nodes that give the same rows of the same. */
export function textOfNode({ name, operator, layout }: Node): string {
  return `${operator === undefined ? `input ${JSON.stringify(name)}` : operator.text} : ${layout.fingerprint}`;
}

/** A Z-set without rows, of given schemas. */
export function emptyOf({ key, value }: RowSchemas, serializer: Serializer | undefined): Delta {
  return IndexedZSet.empty(key, value, { serializer });
}
