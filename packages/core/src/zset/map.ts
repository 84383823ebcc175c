import type { Part } from "../batch/part.ts";
import { checkZSet, type AnyZSet } from "./any-zset.ts";
import type { IndexedZSet } from "./indexed-zset.ts";
import { Output, schemasAndCall, type KeyedValue } from "./output.ts";
import type { LayoutOptions } from "../schema/layout.ts";
import { rowCall, type RowFunction } from "./row-call.ts";
import type { Given, SchemaOf } from "./schema-of.ts";
import type { ZSet } from "./zset.ts";

/**
 * Makes of each row another, with its weight; rows that become equal add up. `convert` is called once a
 * row, in order, with the item, or with key and value. With one schema its results are items of a Z-set;
 * with two they are `{ key, value }` of an indexed Z-set. Opaque parts of them have the serializer of
 * `options`, else that of `zset`. Cost O(rows), sorting included.
 *
 * Law: linear, `map(add(a, b))` equals `add(map(a), map(b))`: to map incrementally, map the deltas.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when a result is not of the schema, or has more to it than key and value, `ZSPINE_ENCODE` when its serializer
 *   refuses it; `ZSPINE_WEIGHT_RANGE` when a sum is outside ±(2⁵³−1).
 */
export function map<T, R, const C extends Given<R>>(
  zset: ZSet<T>,
  schema: SchemaOf<R>,
  convert: (item: T) => C,
  options?: LayoutOptions,
): ZSet<R>;
export function map<K, V, R, const C extends Given<R>>(
  zset: IndexedZSet<K, V>,
  schema: SchemaOf<R>,
  convert: (key: K, value: V) => C,
  options?: LayoutOptions,
): ZSet<R>;
export function map<T, RK, RV, const C extends KeyedValue<RK, RV>>(
  zset: ZSet<T>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  convert: (item: T) => C,
  options?: LayoutOptions,
): IndexedZSet<RK, RV>;
export function map<K, V, RK, RV, const C extends KeyedValue<RK, RV>>(
  zset: IndexedZSet<K, V>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  convert: (key: K, value: V) => C,
  options?: LayoutOptions,
): IndexedZSet<RK, RV>;
export function map(zset: AnyZSet, ...args: readonly unknown[]): AnyZSet {
  checkZSet("map", zset);
  const given = schemasAndCall<RowFunction>("map", args);
  const output = new Output(given, [zset], zset.size);
  for (const part of zset.batch.parts) pushEach(output, part, rowCall(zset, part, given.call));
  return output.finish();
}

// Loops by themselves, as those in consolidate.ts.

function pushEach(output: Output, { weights }: Part, convert: (row: number) => unknown): void {
  for (let row = 0; row < weights.length; row++) output.push(convert(row), weights[row]!);
}

function pushAllOfEach(output: Output, { weights }: Part, convert: (row: number) => unknown): void {
  for (let row = 0; row < weights.length; row++) output.pushAll(convert(row), weights[row]!);
}

/**
 * Makes of each row any number of others, each with its weight; otherwise as {@link map}. Cost O(results),
 * sorting included.
 *
 * Law: linear.
 *
 * @throws As {@link map}.
 */
export function flatMap<T, R, const C extends Given<R>>(
  zset: ZSet<T>,
  schema: SchemaOf<R>,
  convert: (item: T) => Iterable<C>,
  options?: LayoutOptions,
): ZSet<R>;
export function flatMap<K, V, R, const C extends Given<R>>(
  zset: IndexedZSet<K, V>,
  schema: SchemaOf<R>,
  convert: (key: K, value: V) => Iterable<C>,
  options?: LayoutOptions,
): ZSet<R>;
export function flatMap<T, RK, RV, const C extends KeyedValue<RK, RV>>(
  zset: ZSet<T>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  convert: (item: T) => Iterable<C>,
  options?: LayoutOptions,
): IndexedZSet<RK, RV>;
export function flatMap<K, V, RK, RV, const C extends KeyedValue<RK, RV>>(
  zset: IndexedZSet<K, V>,
  keySchema: SchemaOf<RK>,
  valueSchema: SchemaOf<RV>,
  convert: (key: K, value: V) => Iterable<C>,
  options?: LayoutOptions,
): IndexedZSet<RK, RV>;
export function flatMap(zset: AnyZSet, ...args: readonly unknown[]): AnyZSet {
  checkZSet("flatMap", zset);
  const given = schemasAndCall<RowFunction>("flatMap", args);
  const output = new Output(given, [zset], zset.size);
  for (const part of zset.batch.parts) pushAllOfEach(output, part, rowCall(zset, part, given.call));
  return output.finish();
}
