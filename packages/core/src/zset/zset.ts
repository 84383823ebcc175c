import { Batch } from "../batch/batch.ts";
import { probeRow } from "../batch/probe.ts";
import { Staging } from "../batch/staging.ts";
import { checkColumnNames, checkItem, checkIterable } from "../input/rows.ts";
import { countColumns, type ColumnsOf } from "../schema/column-writer.ts";
import { layoutOf, type Layout, type LayoutOptions } from "../schema/layout.ts";
import { rowReader } from "../schema/row-reader.ts";
import type { SchemaOf } from "./schema-of.ts";
import { weightOfRow } from "./look-up.ts";
import { totalWeightOf } from "./weight-sum.ts";

/** An item of a Z-set with its weight, which is never 0. */
export interface ZSetRow<T> {
  readonly item: T;
  readonly weight: number;
}

/** An item on its way into a Z-set; without `weight` it counts once. */
export interface ZSetRowInput<T> {
  readonly item: T;
  readonly weight?: number | undefined;
}

/** Items as columns laid out as their schema is; without `weight`, each counts once. */
export interface ZSetColumns<T> {
  readonly item: ColumnsOf<T>;
  readonly weight?: ArrayLike<number> | undefined;
}

/**
 * A Z-set: a map from items to integer weights other than 0, immutable, in the order of the items' columns.
 *
 * Z-sets are what incremental computation is done with: a table is one whose weights say how often a row is
 * there, a change is one whose negative weights are retractions, and both add up. After Budiu, Chajed,
 * McSherry, Ryzhyk and Tannen, "DBSP: Automatic Incremental View Maintenance for Rich Query Languages"
 * (VLDB 2023).
 *
 * ```ts
 * const words = ZSet.from(z.string(), [{ item: "b" }, { item: "a", weight: 2 }, { item: "b" }]);
 * [...words]; // [{ item: "a", weight: 2 }, { item: "b", weight: 2 }]
 * ```
 */
export class ZSet<T> {
  /** The sorted columns. */
  readonly batch: Batch<T, undefined>;

  /**
   * Takes a batch of items: one whose layout has no value.
   *
   * @throws `TypeError` when the batch has values.
   */
  constructor(batch: Batch<T, undefined>) {
    if (batch.layout.value.kind !== "nothing") {
      throw new TypeError("ZSet: the batch has values as well as keys; make an IndexedZSet of it");
    }
    this.batch = batch;
  }

  /**
   * Makes a Z-set of rows in any order: weights of equal items add up, and items that come to 0 are left
   * out. Cost O(n), sorting included. Opaque parts take a serializer; see `layoutOf`.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` naming the path where an item is not of the schema or a row has a name that
   *   rows do not have, `ZSPINE_ENCODE` where the serializer refuses it; `ZSPINE_WEIGHT_RANGE` when a weight or a sum is no integer within ±(2⁵³−1).
   */
  static from<T>(
    schema: SchemaOf<T>,
    rows: Iterable<ZSetRowInput<NoInfer<T>>>,
    options?: LayoutOptions,
  ): ZSet<T> {
    return consolidateItems(layoutOf(schema, undefined, options), rows);
  }

  /**
   * Makes a Z-set of columns, which is the fast way; otherwise as {@link ZSet.from}. The columns are copied.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` naming the column whose form, length or content is wrong;
   *   `ZSPINE_WEIGHT_RANGE`.
   */
  static fromColumns<T>(
    schema: SchemaOf<T>,
    columns: ZSetColumns<NoInfer<T>>,
    options?: LayoutOptions,
  ): ZSet<T> {
    const layout = layoutOf(schema, undefined, options);
    checkColumnNames(columns, COLUMNS);
    const input = countColumns(layout, { key: columns.item, weight: columns.weight });
    const staging = new Staging<T, undefined>(layout, input.length);
    staging.pushColumns(input, 0, input.length);
    return new ZSet(Batch.of(layout, staging.seal()));
  }

  /** Makes a Z-set without items: the 0 of addition. */
  static empty<T>(schema: SchemaOf<T>, options?: LayoutOptions): ZSet<T> {
    return new ZSet(Batch.of(layoutOf(schema, undefined, options), []));
  }

  /** How the items lie in columns. */
  get layout(): Layout<T, undefined> {
    return this.batch.layout;
  }

  /** How many items it has, each counted once whatever its weight. */
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
   * Tells the weight of `item`; 0 when it is absent. Cost O(log n).
   *
   * @throws `ZSPINE_INVALID_OPTIONS` when it is not of the schema.
   */
  weight(item: T): number {
    return weightOfRow(this.batch, probeRow(this.layout, item, undefined));
  }

  /** Tells whether `item` is there, with whatever weight; as {@link ZSet.weight}. */
  has(item: T): boolean {
    return this.weight(item) !== 0;
  }

  /** Gives the rows in order; each item is new and the caller's. */
  *[Symbol.iterator](): Generator<ZSetRow<T>, void, undefined> {
    for (const part of this.batch.parts) {
      const read = rowReader(this.layout.key, part.columns) as (row: number) => T;
      for (let row = 0; row < part.weights.length; row++)
        yield { item: read(row), weight: part.weights[row]! };
    }
  }
}

const COLUMNS = ["item", "weight"];

/** Makes a Z-set of rows in any order; see {@link ZSet.from}. */
export function consolidateItems<T>(layout: Layout<T, undefined>, rows: Iterable<ZSetRowInput<T>>): ZSet<T> {
  checkIterable(rows, "rows", "rows { item, weight } in an array or another iterable", "pass [row]");
  const staging = new Staging(layout);
  stageItems(staging, rows);
  return new ZSet(Batch.of(layout, staging.seal()));
}

// The loop by itself, as those in consolidate.ts.
function stageItems<T>(staging: Staging<T, undefined>, rows: Iterable<ZSetRowInput<T>>): void {
  let at = 0;
  for (const row of rows) {
    checkItem(row, at++);
    const { item, weight } = row;
    staging.push(item, undefined, weight === undefined ? 1 : weight);
  }
}
