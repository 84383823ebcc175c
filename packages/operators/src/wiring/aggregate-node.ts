import { layoutOf, refused, ZspineError, type Schema } from "@zspine/core";
import { fieldOf } from "@zspine/core/engine";
import { isLinear, type Aggregate, type Extreme } from "../aggregate/aggregate.ts";
import { operatorNode, type Node } from "../node/node.ts";
import { aggregateOperator } from "../operator/aggregate.ts";
import { mapOperator } from "../operator/linear.ts";
import type { RowSchemas } from "../operator/operator.ts";

type AnyAggregate = Aggregate<unknown, unknown>;

/** Wires aggregates over a node: those that are linear over its deltas, the others over what they are of, in order. */
export function aggregateNode(source: Node, schema: Schema, given: object): Node {
  const isRecord = !isAggregate(given);
  const fields = isRecord
    ? Object.entries(given as Record<string, unknown>).map(([name, aggregate]) => ({
        name,
        aggregate: checked(name, aggregate),
      }))
    : [{ name: "", aggregate: given }];
  if (fields.length === 0)
    throw refused(["aggregate"], "an aggregate or several, such as { orders: count() }", given);
  const { key } = source.output;
  const sought = fields.flatMap(({ name, aggregate }) => {
    const value = isRecord ? fieldOf(schema, name) : schema;
    if (value === undefined) throw refused(["aggregate", name], "a field of the schema", name);
    return isLinear(aggregate) ? [] : [extremeNode(source, { key, value }, aggregate)];
  });
  const extremes = sought.map(({ output }) => output);
  const output = { key, value: schema };
  return operatorNode(aggregateOperator(output, { fields, isRecord, extremes }), [source, ...sought]);
}

/** The stream of what an extreme is of: a key's, in order. */
function extremeNode(source: Node, output: RowSchemas, { of, text }: Extreme<unknown, unknown>): Node {
  const { serializer } = source.wiring;
  if (of !== undefined) {
    const convert = (key: unknown, value: unknown): { key: unknown; value: unknown } => ({
      key,
      value: of(value),
    });
    return operatorNode(mapOperator(output, convert, `value ${text}`), [source]);
  }
  const { fingerprint } = layoutOf(output.key, output.value, { serializer });
  if (fingerprint === source.layout.fingerprint) return source;
  throw new ZspineError(
    "ZSPINE_SCHEMA",
    `aggregate: expected the extreme to be of the schema of the values, found ${fingerprint} of ${source.layout.fingerprint}; say what it is of: max((value) => …)`,
  );
}

function isAggregate(given: object): given is AnyAggregate {
  return ["kind", "text"].every((name) => typeof (given as Record<string, unknown>)[name] === "string");
}

function checked(name: string, found: unknown): AnyAggregate {
  if (typeof found === "object" && found !== null && isAggregate(found)) return found;
  throw refused(["aggregate", name], "an aggregate, such as count()", found);
}
