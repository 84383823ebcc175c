import { Batch } from "../batch/batch.ts";
import { Staging } from "../batch/staging.ts";
import { checkLayoutOptions, layoutBy, type Layout, type LayoutOptions } from "../schema/layout.ts";
import { withMethods } from "../input/options.ts";
import { refused } from "../input/refused.ts";
import { checkSameShape, checkZSet, type AnyZSet } from "./any-zset.ts";
import type { Aggregator } from "./aggregator.ts";
import { indexBy } from "./index-by.ts";
import { IndexedZSet } from "./indexed-zset.ts";
import { KeyCursor } from "./key-cursor.ts";
import { RowsReader } from "./rows-reader.ts";
import type { Given, SchemaOf } from "./schema-of.ts";
import type { ZSet } from "./zset.ts";

/**
 * Makes one value of the values of each key: gives an indexed Z-set in which each key has the result of the
 * aggregator with weight 1. A key for which that is `undefined` is left out. Opaque parts of results have the
 * serializer of `options`, else that of `zset`. Cost O(rows).
 *
 * Not linear. To aggregate incrementally, take the keys that a delta touches, and subtract what the
 * aggregator makes of them before from what it makes after:
 *
 * ```ts
 * const touched = keysOf(delta);
 * const before = aggregate(semijoin(state, touched), schema, aggregator);
 * const after = aggregate(semijoin(add(state, delta), touched), schema, aggregator);
 * const change = subtract(after, before);
 * ```
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when a result is not of the schema, `ZSPINE_ENCODE` when its serializer
 *   refuses it; `ZSPINE_SCHEMA` when keys have opaque parts of another serializer than that of `options`; what
 *   the aggregator throws.
 */
export function aggregate<K, V, R>(
  zset: IndexedZSet<K, V>,
  schema: SchemaOf<R>,
  aggregator: Aggregator<NoInfer<V>, NoInfer<R>>,
  options?: LayoutOptions,
): IndexedZSet<K, R> {
  checkZSet("aggregate", zset, IndexedZSet);
  if (!AGGREGATOR.accepts(aggregator)) throw refused(["aggregate"], AGGREGATOR.expected, aggregator);
  const { serializer = zset.layout.serializer } = checkLayoutOptions(options);
  const layout = layoutBy(zset.layout.keySchema, schema, serializer) as Layout<K, R>;
  checkSameShape("aggregate", "keys", zset.layout.key, layout.key);
  const staging = new Staging(layout);
  stageResults(staging, zset, aggregator);
  return new IndexedZSet(Batch.of(layout, staging.seal()));
}

// The loop by itself, as those in consolidate.ts.
function stageResults<K, V, R>(
  staging: Staging<K, R>,
  zset: IndexedZSet<K, V>,
  aggregator: Aggregator<V, R>,
): void {
  const keys = new RowsReader<K>(zset.batch, zset.layout.key);
  const values = new RowsReader<V>(zset.batch, zset.layout.value);
  const readsValues = aggregator.ignoresValues !== true;
  for (const cursor = new KeyCursor(zset.batch); !cursor.isDone;) {
    const { from } = cursor;
    const to = cursor.end();
    let state = aggregator.start();
    for (let row = from; row < to; row++) {
      state = aggregator.add(state, readsValues ? values.read(row) : (undefined as V), values.weight(row));
    }
    const result = aggregator.finish(state);
    if (result !== undefined) staging.push(keys.read(from), result, 1);
    cursor.moveTo(to);
  }
}

const AGGREGATOR = withMethods("an aggregator", "count()", ["start", "add", "finish"]);

/**
 * Groups rows by the key that `keyOf` gives for them and aggregates each group: `aggregate(indexBy(…), …)`.
 * Cost O(rows), sorting included.
 *
 * @throws As `indexBy` and {@link aggregate}.
 */
export function groupBy<T, K, R, const C extends Given<K>>(
  zset: ZSet<T>,
  keySchema: SchemaOf<K>,
  keyOf: (item: T) => C,
  schema: SchemaOf<R>,
  aggregator: Aggregator<NoInfer<T>, NoInfer<R>>,
  options?: LayoutOptions,
): IndexedZSet<K, R>;
export function groupBy<K, V, RK, R, const C extends Given<RK>>(
  zset: IndexedZSet<K, V>,
  keySchema: SchemaOf<RK>,
  keyOf: (key: K, value: V) => C,
  schema: SchemaOf<R>,
  aggregator: Aggregator<NoInfer<V>, NoInfer<R>>,
  options?: LayoutOptions,
): IndexedZSet<RK, R>;
export function groupBy(
  zset: AnyZSet,
  keySchema: SchemaOf<unknown>,
  keyOf: (itemOrKey: unknown, value?: unknown) => unknown,
  schema: SchemaOf<unknown>,
  aggregator: Aggregator<unknown, unknown>,
  options?: LayoutOptions,
): IndexedZSet<unknown, unknown> {
  checkZSet("groupBy", zset);
  return aggregate(indexBy(zset as ZSet<unknown>, keySchema, keyOf, options), schema, aggregator);
}
