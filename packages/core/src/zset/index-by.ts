import { Batch } from "../batch/batch.ts";
import { consolidate } from "../batch/consolidate.ts";
import { makePart, PART_BYTES, PART_ROWS, pickPart, type Part } from "../batch/part.ts";
import { sortRows } from "../batch/sort-rows.ts";
import { columnBuilder, type Column } from "../column/column.ts";
import type { BinaryColumn } from "../column/binary-column.ts";
import type { NumericColumn } from "../column/numeric-column.ts";
import { checkLayoutOptions, layoutBy, type Layout, type LayoutOptions } from "../schema/layout.ts";
import type { Schema } from "../schema/definition.ts";
import { writeRow } from "../schema/row-writer.ts";
import { checkSameShape, checkZSet, isIndexed, type AnyZSet } from "./any-zset.ts";
import { IndexedZSet } from "./indexed-zset.ts";
import { checkCall, rowCall, type RowFunction } from "./row-call.ts";
import type { Given, SchemaOf } from "./schema-of.ts";
import type { ZSet } from "./zset.ts";

/**
 * Puts each row under the key that `keyOf` gives for it: items become values; an indexed Z-set gets other
 * keys, and rows that become equal add up. `keyOf` is called once a row, in order, with the item, or with
 * key and value. Cost O(rows), sorting included; values are copied as columns, never encoded anew. Opaque parts
 * of keys have the serializer of `options`, else that of `zset`.
 *
 * Law: linear.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when a key is not of the schema, `ZSPINE_ENCODE` when its serializer refuses
 *   it; `ZSPINE_SCHEMA` when values have opaque parts of another serializer than that of `options`;
 *   `ZSPINE_WEIGHT_RANGE` when a sum is outside ±(2⁵³−1).
 */
export function indexBy<T, K, const C extends Given<K>>(
  zset: ZSet<T>,
  keySchema: SchemaOf<K>,
  keyOf: (item: T) => C,
  options?: LayoutOptions,
): IndexedZSet<K, T>;
export function indexBy<K, V, R, const C extends Given<R>>(
  zset: IndexedZSet<K, V>,
  keySchema: SchemaOf<R>,
  keyOf: (key: K, value: V) => C,
  options?: LayoutOptions,
): IndexedZSet<R, V>;
export function indexBy(
  zset: AnyZSet,
  keySchema: Schema,
  keyOf: RowFunction,
  options?: LayoutOptions,
): AnyZSet {
  checkZSet("indexBy", zset);
  checkCall("indexBy", keyOf);
  const { key, value, keySchema: itemSchema, valueSchema } = zset.layout;
  const { serializer = zset.layout.serializer } = checkLayoutOptions(options);
  const layout = layoutBy(keySchema, valueSchema ?? itemSchema, serializer);
  checkSameShape("indexBy", "values", isIndexed(zset) ? value : key, layout.value);
  if (zset.size === 0) return new IndexedZSet(Batch.of(layout, []));
  const keys = keyColumns(zset, layout, keyOf);
  const values = valueColumns(zset);
  const weights = allWeights(zset.batch);
  const staged = makePart([...keys, ...values], weights);
  if (isIndexed(zset)) return new IndexedZSet(Batch.of(layout, consolidate(staged)));
  // Items are distinct and in order, so that sorting by the key alone, which is stable, is all there is to do.
  const order = sortRows(makePart(keys, weights));
  return new IndexedZSet(Batch.of(layout, order === undefined ? consolidate(staged) : cut(staged, order)));
}

/** Gives the rows in the order of `order` as parts of a batch. */
function cut({ columns, weights, bytes }: Part, order: Uint32Array): Part[] {
  const pieces = Math.max(Math.ceil(order.length / PART_ROWS), Math.ceil(bytes / PART_BYTES));
  const size = Math.ceil(order.length / pieces);
  const parts: Part[] = [];
  for (let start = 0; start < order.length; start += size) {
    const rows = order.subarray(start, start + size);
    const weightsPicked = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) weightsPicked[i] = weights[rows[i]!]!;
    parts.push(pickPart(columns, rows, weightsPicked));
  }
  return parts;
}

function keyColumns(zset: AnyZSet, layout: Layout, keyOf: RowFunction): Column[] {
  const builders = layout.kinds.slice(0, layout.keyColumns).map((kind) => columnBuilder(kind, zset.size));
  let at = 0;
  for (const part of zset.batch.parts) {
    const call = rowCall(zset, part, keyOf);
    for (let row = 0; row < part.weights.length; row++) writeRow(layout.key, builders, at++, call(row));
  }
  return builders.map((builder) => builder.finish(zset.size));
}

/** Gives the columns of the items, or of the values, of all parts one after the other. */
function valueColumns(zset: AnyZSet): readonly Column[] {
  const { kinds, keyColumns: skipped } = zset.layout;
  const first = isIndexed(zset) ? skipped : 0;
  const { parts } = zset.batch;
  if (parts.length === 1) return parts[0]!.columns.slice(first);
  const longest = parts.reduce((most, part) => Math.max(most, part.weights.length), 0);
  const sources = new Uint32Array(longest);
  const rows = new Uint32Array(longest);
  for (let row = 0; row < longest; row++) rows[row] = row;
  return kinds.slice(first).map((kind, index) => {
    const builder = columnBuilder(kind, zset.size);
    let at = 0;
    for (const part of parts) {
      const column = part.columns[first + index]!;
      const count = part.weights.length;
      if (builder.kind === "numeric") builder.gather(at, [column as NumericColumn], sources, rows, count);
      else builder.gather(at, [column as BinaryColumn], sources, rows, count);
      at += count;
    }
    return builder.finish(zset.size);
  });
}

function allWeights(batch: Batch): Float64Array {
  const weights = new Float64Array(batch.length);
  batch.parts.forEach((part, number) => {
    weights.set(part.weights, batch.starts[number]);
  });
  return weights;
}
