import { layoutBy, type Layout } from "../schema/layout.ts";
import { Batch } from "../batch/batch.ts";
import { checkSameKeys, checkZSet, withParts } from "./any-zset.ts";
import { IndexedZSet } from "./indexed-zset.ts";
import { KeyCursor, matchKeys } from "./key-cursor.ts";
import { RowPicker } from "./row-picker.ts";
import { ZSet } from "./zset.ts";

/**
 * Keeps the rows whose key is in `keys`, their weights multiplied by the key's; by a set, where all weights
 * are 1, they stay as they are. Cost O(|kept| + |small| · log |large|); no value is decoded.
 *
 * Law: bilinear, as `join`.
 *
 * @throws `ZSPINE_SCHEMA` when the keys are unlike; `ZSPINE_WEIGHT_RANGE` when a product is outside
 *   ±(2⁵³−1).
 */
export function semijoin<K, V>(zset: IndexedZSet<K, V>, keys: ZSet<K>): IndexedZSet<K, V> {
  checkSameKeys("semijoin", zset, keys, ZSet);
  const picker = new RowPicker(zset.layout);
  const rows = new KeyCursor(zset.batch);
  const key = new KeyCursor(keys.batch);
  matchKeys(rows, key, (end) => {
    picker.pickRange(zset.batch, rows.from, end, key.part.weights[key.row]!);
  });
  return withParts(zset, picker.finish());
}

/**
 * Keeps the rows whose key is in `keys`, whatever its weight there, as they are: what is left to multiply once rows
 * of several batches have been added up, for a product may be out of range where the sum of the products is not.
 * Cost as {@link semijoin}.
 *
 * Law: `semijoin(a, k)` equals `semijoin(restrict(a, k), k)`. Linear in `a`.
 *
 * @throws `ZSPINE_SCHEMA` when the keys are unlike.
 */
export function restrict<K, V>(zset: IndexedZSet<K, V>, keys: ZSet<K>): IndexedZSet<K, V> {
  checkSameKeys("restrict", zset, keys, ZSet);
  const picker = new RowPicker(zset.layout);
  const rows = new KeyCursor(zset.batch);
  matchKeys(rows, new KeyCursor(keys.batch), (end) => {
    picker.pickRange(zset.batch, rows.from, end, 1);
  });
  return withParts(zset, picker.finish());
}

/**
 * Keeps the rows whose key is not in `keys` with a positive weight, as they are. Cost O(|kept|) for copying
 * at the most, for parts that are kept whole are shared by reference; no value is decoded.
 *
 * Law: `antijoin(a, k)` equals `subtract(a, semijoin(a, distinct(k)))`. Linear in `a`, not in `keys`.
 *
 * @throws `ZSPINE_SCHEMA` when the keys are unlike.
 */
export function antijoin<K, V>(zset: IndexedZSet<K, V>, keys: ZSet<K>): IndexedZSet<K, V> {
  checkSameKeys("antijoin", zset, keys, ZSet);
  const picker = new RowPicker(zset.layout);
  const rows = new KeyCursor(zset.batch);
  const key = new KeyCursor(keys.batch);
  let from = 0;
  matchKeys(rows, key, (end) => {
    if (key.part.weights[key.row]! < 0) return;
    picker.pickRange(zset.batch, from, rows.from, 1);
    from = end;
  });
  picker.pickRange(zset.batch, from, zset.size, 1);
  return withParts(zset, picker.finish());
}

/**
 * Gives the keys as a set: each with weight 1, whatever the weights of its values. Cost O(keys · log of
 * their values); no key is decoded. With `semijoin` it restricts a state to the keys that a delta touches.
 */
export function keysOf<K, V>(zset: IndexedZSet<K, V>): ZSet<K> {
  checkZSet("keysOf", zset, IndexedZSet);
  const { keySchema, serializer } = zset.layout;
  const layout = layoutBy(keySchema, undefined, serializer) as Layout<K, undefined>;
  const picker = new RowPicker(layout);
  pickKeys(picker, new KeyCursor(zset.batch));
  return new ZSet(Batch.of(layout, picker.finish()));
}

// The loop by itself, as those in consolidate.ts.
function pickKeys(picker: RowPicker, cursor: KeyCursor): void {
  for (; !cursor.isDone; cursor.next()) picker.pick(cursor.part, cursor.row, 1);
}
