import {
  Chunk,
  type ColumnarRows,
  type IndexedZSet,
  type IndexedZSetRowInput,
  type Layout,
  type Row,
} from "@zspine/core";
import {
  checkIterable,
  checkPair,
  checkZSet,
  countColumns,
  probeRow,
  readRow,
  Staging,
} from "@zspine/core/engine";

/** @throws `ZSPINE_INVALID_OPTIONS` for what are no rows. */
export function checkRows(rows: unknown): void {
  const expected = "rows { key, value, weight } in an array or another iterable";
  checkIterable(rows, "insertAll", expected, "pass [row], or call insert(key, value, weight)");
}

/** Tells a Z-set from columns, and from anything else, which columns are checked for. @throws for one that is none of ours. */
export function isZSet<K, V>(rows: ColumnarRows<K, V> | IndexedZSet<K, V>): rows is IndexedZSet<K, V> {
  const isOne = ((rows ?? {}) as { batch?: unknown }).batch !== undefined;
  if (isOne) checkZSet("insertBatch", rows);
  return isOne;
}

/** Takes columnar input as a chunk: checked, copied, in the order in which it was given. */
export function chunkOf<K, V>(layout: Layout<K, V>, columns: ColumnarRows<K, V>): Chunk<K, V> {
  const staging = new Staging(layout);
  const input = countColumns(layout, columns);
  staging.pushColumns(input, 0, input.length);
  return new Chunk(layout, staging.peek());
}

/** Reads a row once, as it will be stored. */
export function storedRow<K, V>(
  layout: Layout<K, V>,
  key: K,
  value: V,
): { readonly key: K; readonly value: V } {
  const { columns } = probeRow(layout, key, value);
  return { key: readRow(layout.key, columns, 0) as K, value: readRow(layout.value, columns, 0) as V };
}

/** Reads rows once, as they will be stored, to be enumerated more than once. */
export function listRows<K, V>(
  layout: Layout<K, V>,
  rows: Iterable<IndexedZSetRowInput<K, V>>,
): readonly Row<K, V>[] {
  const listed: Row<K, V>[] = [];
  for (const row of rows) {
    checkPair(row, listed.length);
    const { key, value, weight } = row;
    listed.push({ ...storedRow(layout, key, value), weight: weight === undefined ? 1 : weight });
  }
  return listed;
}

/**
 * Reads a row once, as it will be stored, and has the schemas check that: getters and proxies may tell something
 * else each time they are asked.
 */
export function validatedRow<K, V>(
  layout: Layout<K, V>,
  key: K,
  value: V,
): { readonly key: K; readonly value: V } {
  const row = storedRow(layout, key, value);
  layout.validate(row.key, row.value);
  return row;
}

/** Likewise rows, as they are asked for. */
export function* validatedRows<K, V>(
  layout: Layout<K, V>,
  rows: Iterable<IndexedZSetRowInput<K, V>>,
): Generator<IndexedZSetRowInput<K, V>, void, undefined> {
  let at = 0;
  for (const row of rows) {
    checkPair(row, at++);
    const { key, value, weight } = row;
    const checked = validatedRow(layout, key, value);
    yield weight === undefined ? checked : { ...checked, weight };
  }
}
