import type { Layout } from "./layout.ts";
import { intLeaf } from "./leaf.ts";
import { shapeFingerprint, type Field, type LeafShape, type ObjectShape, type Shape } from "./shape.ts";

/** A value at a time: a safe integer, whatever it counts. */
export interface Timed<V> {
  readonly value: V;
  readonly time: number;
}

/**
 * The layout of rows that have a time besides: one more numeric column, the last. So rows are ordered by key, value and
 * time, the columns of the rows without it are those before, and rows of one key and value are neighbours.
 */
export function withTime<K, V>(layout: Layout<K, V>): Layout<K, Timed<V>> {
  const { kinds, key, value } = layout;
  const time: LeafShape = { kind: "leaf", leaf: intLeaf, path: ["time"], column: kinds.length, columns: 1 };
  const field = (name: string, shape: Shape): Field => ({
    name,
    shape,
    isInherited: false,
    isOptional: false,
  });
  const timed: ObjectShape = {
    kind: "object",
    path: ["value"],
    column: value.column,
    columns: value.columns + 1,
    fields: [field("value", value), field("time", time)],
    strict: false,
    mayBeEmpty: false,
  };
  const { keyColumns, keySchema, valueSchema, serializer } = layout;
  return {
    key,
    keyColumns,
    keySchema,
    valueSchema,
    serializer,
    kinds: [...kinds, "numeric"],
    value: timed,
    isTimed: true,
    fingerprint: `${shapeFingerprint(key)} -> ${shapeFingerprint(timed)}`,
    validate(keyFound, valueFound): void {
      layout.validate(keyFound, (valueFound as Timed<unknown>).value);
    },
  };
}
