import type { Layout } from "../schema/layout.ts";
import type { ColumnsOf } from "../schema/column-writer.ts";
import { readColumns } from "../schema/column-reader.ts";
import { rowReader } from "../schema/row-reader.ts";
import type { Part } from "./part.ts";

/** One update as a user sees it. */
export interface Row<K, V> {
  readonly key: K;
  readonly value: V;
  readonly weight: number;
}

/**
 * Rows as columns: the fast way to read many. Columns lie as the schema does and are decoded when they are
 * asked for; numbers come as a `Float64Array` that is a view of the store's own and must not be written to.
 * A chunk can be inserted as it is.
 */
export class Chunk<K = unknown, V = unknown> {
  readonly layout: Layout<K, V>;
  /** The rows as the store holds them. */
  readonly part: Part;
  private keyColumns: ColumnsOf<K> | undefined;
  private valueColumns: ColumnsOf<V> | undefined;

  constructor(layout: Layout<K, V>, part: Part) {
    this.layout = layout;
    this.part = part;
  }

  /** How many rows it has. */
  get length(): number {
    return this.part.weights.length;
  }

  /** The keys, column by column. */
  get key(): ColumnsOf<K> {
    this.keyColumns ??= readColumns(this.layout.key, this.part.columns) as ColumnsOf<K>;
    return this.keyColumns;
  }

  /** The values, column by column. */
  get value(): ColumnsOf<V> {
    this.valueColumns ??= readColumns(this.layout.value, this.part.columns) as ColumnsOf<V>;
    return this.valueColumns;
  }

  /** The weights; a view that must not be written to. */
  get weight(): Float64Array {
    return this.part.weights;
  }

  /** Decodes the rows one by one; decoding of text is shared between them. */
  *rows(): Generator<Row<K, V>, void, undefined> {
    const read = this.reader();
    for (let row = 0; row < this.length; row++) yield read(row);
  }

  /** Makes a reader of rows by their numbers. */
  reader(): (row: number) => Row<K, V> {
    const { columns, weights } = this.part;
    const key = rowReader(this.layout.key, columns) as (row: number) => K;
    const value = rowReader(this.layout.value, columns) as (row: number) => V;
    return (row) => ({ key: key(row), value: value(row), weight: weights[row]! });
  }
}
