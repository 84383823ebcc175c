/** Numbers, one a row, in the array that fits the type of the column. */
export interface NumberColumn extends NamedColumn {
  /**
   * `int` is a safe integer; `number` and `float32` are doubles; `boolean` has a bit for each row, the first the lowest of the
   * first byte; `date` is milliseconds since 1970; `presence` is 0 where a value is `undefined`, 1 where it is `null`, 2 where
   * there is one.
   */
  readonly type:
    "int32" | "uint32" | "int" | "number" | "float32" | "boolean" | "date" | "int64" | "uint64" | "presence";
  readonly values: NumberValues;
}

/** What {@link NumberColumn.values} may be: what is exported has the arrays that the table of the guide names. */
export type NumberValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Texts or bytes, one after the other: row `n` is `bytes[offsets[n], offsets[n + 1])`. */
export interface BytesColumn extends NamedColumn {
  /** `opaque` is what a serializer gives. */
  readonly type: "text" | "bytes" | "opaque";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** Of text: `"wtf-8"` where some row has half of a character on its own, which UTF-8 has no bytes for. */
  readonly encoding?: "utf-8" | "wtf-8" | undefined;
  /** Of what is opaque: which serializer. */
  readonly serializer?: { readonly name: string; readonly id: number } | undefined;
}

interface NamedColumn {
  /** Its path in one text: `"value.total"`. */
  readonly name: string;
  /** Where in a row its values stand: `["value", "total"]`, `["key", 0]`, `["weight"]`, `["time"]`. */
  readonly path: readonly (string | number)[];
  /** A bit for each row, as of a `boolean`, that is 0 where there is no value; missing where all have one. */
  readonly validity?: Uint8Array | undefined;
  /** How many rows have no value. */
  readonly nulls?: number | undefined;
}

/** A column of a table: plain data, laid out as Apache Arrow lays out buffers. */
export type TableColumn = NumberColumn | BytesColumn;

/**
 * Rows as columns that tell what they are: no class and no function in it, so that it can be posted to a worker, kept, or handed
 * to Apache Arrow buffer by buffer (docs/guides/moving-data.md shows how).
 */
export interface ColumnTable {
  readonly format: "zspine-columns";
  readonly version: 1;
  /** How many rows each column has. */
  readonly rows: number;
  /** Those of the key, of the value, then the weight, and the time where rows have one. */
  readonly columns: readonly TableColumn[];
}
