import { Batch } from "../batch/batch.ts";
import { Chunk, type Row } from "../batch/chunk.ts";
import { probeKeys, probeRow } from "../batch/probe.ts";
import { Staging } from "../batch/staging.ts";
import { checkIterable, checkPair } from "../input/rows.ts";
import { countColumns, type ColumnarRows } from "../schema/column-writer.ts";
import { layoutOf, type Layout, type LayoutOptions } from "../schema/layout.ts";
import { KeyCursor } from "./key-cursor.ts";
import { rowsOfKey, weightOfRow } from "./look-up.ts";
import type { SchemaOf } from "./schema-of.ts";
import { RowsReader } from "./rows-reader.ts";
import { totalWeightOf } from "./weight-sum.ts";

/** A key and a value on their way into an indexed Z-set; without `weight` they count once. */
export interface IndexedZSetRowInput<K, V> {
  readonly key: K;
  readonly value: V;
  readonly weight?: number | undefined;
}

/** A value of a key with its weight, which is never 0. */
export interface WeightedValue<V> {
  readonly value: V;
  readonly weight: number;
}

/**
 * An indexed Z-set: a map from keys to Z-sets of values, immutable, in the order of the keys' columns and
 * within a key of the values'. A key may have any number of values, each with a weight of its own.
 *
 * ```ts
 * const ages = IndexedZSet.from(z.string(), z.int32(), [{ key: "ann", value: 41 }, { key: "ann", value: 7 }]);
 * ages.get("ann"); // [{ value: 7, weight: 1 }, { value: 41, weight: 1 }]
 * ```
 */
export class IndexedZSet<K, V> {
  /** The sorted columns: those of the key, then those of the value. */
  readonly batch: Batch<K, V>;

  /**
   * Takes a batch of keys and values.
   *
   * @throws `TypeError` when the batch has no values.
   */
  constructor(batch: Batch<K, V>) {
    if (batch.layout.value.kind === "nothing") {
      throw new TypeError("IndexedZSet: the batch has keys without values; make a ZSet of it");
    }
    this.batch = batch;
  }

  /**
   * Makes an indexed Z-set of rows in any order: weights of equal rows add up, and rows that come to 0 are
   * left out. Cost O(n), sorting included. Opaque parts take a serializer; see `layoutOf`.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` naming the path where a key or value is not of its schema or a row has a name
   *   that rows do not have, `ZSPINE_ENCODE` where the serializer refuses it; `ZSPINE_WEIGHT_RANGE` when a weight or a sum is no integer within
   *   ±(2⁵³−1).
   */
  static from<K, V>(
    keySchema: SchemaOf<K>,
    valueSchema: SchemaOf<V>,
    rows: Iterable<IndexedZSetRowInput<NoInfer<K>, NoInfer<V>>>,
    options?: LayoutOptions,
  ): IndexedZSet<K, V> {
    return consolidatePairs(layoutOf(keySchema, valueSchema, options), rows);
  }

  /**
   * Makes an indexed Z-set of columns, which is the fast way; otherwise as {@link IndexedZSet.from}. The
   * columns are copied.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` naming the column whose form, length or content is wrong;
   *   `ZSPINE_WEIGHT_RANGE`.
   */
  static fromColumns<K, V>(
    keySchema: SchemaOf<K>,
    valueSchema: SchemaOf<V>,
    columns: ColumnarRows<NoInfer<K>, NoInfer<V>>,
    options?: LayoutOptions,
  ): IndexedZSet<K, V> {
    const layout = layoutOf(keySchema, valueSchema, options);
    const input = countColumns(layout, columns);
    const staging = new Staging(layout, input.length);
    staging.pushColumns(input, 0, input.length);
    return new IndexedZSet(Batch.of(layout, staging.seal()));
  }

  /** Makes an indexed Z-set without rows: the 0 of addition. */
  static empty<K, V>(
    keySchema: SchemaOf<K>,
    valueSchema: SchemaOf<V>,
    options?: LayoutOptions,
  ): IndexedZSet<K, V> {
    return new IndexedZSet(Batch.of(layoutOf(keySchema, valueSchema, options), []));
  }

  /** How keys and values lie in columns. */
  get layout(): Layout<K, V> {
    return this.batch.layout;
  }

  /** How many pairs of key and value it has, each counted once whatever its weight. */
  get size(): number {
    return this.batch.length;
  }

  /**
   * The sum of all weights, exact.
   *
   * @throws `ZSPINE_WEIGHT_RANGE` when the sum is outside ±(2⁵³−1).
   */
  get totalWeight(): number {
    return totalWeightOf(this.batch);
  }

  /**
   * Gives every value of `key` with its weight, positive or negative, in order; none when the key is absent.
   * Cost O(log n + values). Each value is new and the caller's.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when the key is not of the schema.
   */
  get(key: K): WeightedValue<V>[] {
    const { from, to } = rowsOfKey(this.batch, probeKeys(this.layout, [key]));
    const reader = new RowsReader<V>(this.batch, this.layout.value);
    const values: WeightedValue<V>[] = [];
    for (let row = from; row < to; row++)
      values.push({ value: reader.read(row), weight: reader.weight(row) });
    return values;
  }

  /**
   * Tells the weight of `value` under `key`; 0 when it is absent. Cost O(log n).
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when one of them is not of its schema.
   */
  weight(key: K, value: V): number {
    return weightOfRow(this.batch, probeRow(this.layout, key, value));
  }

  /** Tells whether `key` has values, with whatever weights. Cost O(log n). */
  has(key: K): boolean {
    const { from, to } = rowsOfKey(this.batch, probeKeys(this.layout, [key]));
    return from < to;
  }

  /** Gives the keys in order, each once. Cost O(log of its values) for each. */
  *keys(): Generator<K, void, undefined> {
    const reader = new RowsReader<K>(this.batch, this.layout.key);
    const cursor = new KeyCursor(this.batch);
    for (; !cursor.isDone; cursor.next()) yield reader.read(cursor.from);
  }

  /** Gives the rows in order; each key and value is new and the caller's. */
  *[Symbol.iterator](): Generator<Row<K, V>, void, undefined> {
    for (const part of this.batch.parts) yield* new Chunk(this.layout, part).rows();
  }
}

/** Makes an indexed Z-set of rows in any order; see {@link IndexedZSet.from}. */
export function consolidatePairs<K, V>(
  layout: Layout<K, V>,
  rows: Iterable<IndexedZSetRowInput<K, V>>,
): IndexedZSet<K, V> {
  checkIterable(rows, "rows", "rows { key, value, weight } in an array or another iterable", "pass [row]");
  const staging = new Staging(layout);
  stagePairs(staging, rows);
  return new IndexedZSet(Batch.of(layout, staging.seal()));
}

// The loop by itself, as those in consolidate.ts.
function stagePairs<K, V>(staging: Staging<K, V>, rows: Iterable<IndexedZSetRowInput<K, V>>): void {
  let at = 0;
  for (const row of rows) {
    checkPair(row, at++);
    const { key, value, weight } = row;
    staging.push(key, value, weight === undefined ? 1 : weight);
  }
}
