import { FUNCTION, IndexedZSet, refused, type IndexedZSetRowInput, type SchemaOf } from "@zspine/core";
import { checkIterable, checkPair, isPromise, KeyCursor } from "@zspine/core/engine";
import type { Trace } from "@zspine/store";
import {
  checkReplace,
  isNoRow,
  isRow,
  lastOfEach,
  replaceRow,
  unlessWritten,
  withPresent,
  type Next,
  type ReplaceOptions,
} from "./replace-rows.ts";
import type { RowChange, RowChangeCounts, RowChangeKind } from "./row-change.ts";

/**
 * Puts a row under a key, in the place of the one that is there: for who thinks in rows, of which a key has one. Reads what the
 * key holds, committed or not, and adds −1 of that and +1 of the value, which the next commit takes; nothing where it is the
 * value already. Where an insert reads nothing, this costs a look-up: in memory about what `get` does, else a block of each
 * batch that may have the key. Who knows the old value inserts it with −1, and reads nothing.
 *
 * What is read and what is written is of one turn, so that calls that overlap follow one another.
 *
 * @returns What was there, and what is.
 * @throws (rejects with) `ZSPINE_CONFLICT` where the key holds several values, unless they are to be replaced;
 *   `ZSPINE_INVALID_OPTIONS` for what is not of the schema; `ZSPINE_NOT_SUPPORTED` for temporal traces; as
 *   reading and `trace.insertAll()`. Nothing is written then.
 */
export async function upsert<K, V>(
  trace: Trace<K, V>,
  key: K,
  value: V,
  options: ReplaceOptions = {},
): Promise<RowChange<V>> {
  const checked = checkReplace("upsert", trace, options);
  return replaceRow("upsert", trace, key, checked, () => ({ value }));
}

/**
 * Puts what a function makes of the row of a key in its place: a value, or `undefined` to remove it. It is given the value that
 * is there, or `undefined`, and is called once, in the turn in which the row is written. Costs and errors as those of
 * {@link upsert}; `ZSPINE_CONFLICT` also where the function writes the key itself; and what it throws.
 *
 * ```ts
 * await update(stock, "apple", (item) => ({ count: (item?.count ?? 0) + 1 }));
 * ```
 */
export async function update<K, V>(
  trace: Trace<K, V>,
  key: K,
  change: (before: V | undefined) => V | undefined,
  options: ReplaceOptions = {},
): Promise<RowChange<V>> {
  const checked = checkReplace("update", trace, options);
  if (!FUNCTION.accepts(change)) throw refused(["update", "change"], FUNCTION.expected, change);
  return replaceRow("update", trace, key, checked, (before): Next<V> => {
    const value = unlessWritten(trace, key, () => change(before));
    if (isPromise(value))
      throw refused(["update", "change"], "a value, and no promise of one", value, "wait for it before");
    return value === undefined ? undefined : { value };
  });
}

/** Removes the row of a key, where there is one. Costs and errors as those of {@link upsert}. */
export async function remove<K, V>(
  trace: Trace<K, V>,
  key: K,
  options: ReplaceOptions = {},
): Promise<RowChange<V>> {
  const checked = checkReplace("remove", trace, options);
  return replaceRow("remove", trace, key, checked, () => undefined);
}

/**
 * Puts many rows under their keys, each in the place of the one that is there; of several with one key the last. All of them or
 * none, as one Z-set. Costs a look-up of each key, cheaper than one by one. Errors as those of {@link upsert}.
 */
export async function upsertAll<K, V>(
  trace: Trace<K, V>,
  rows: Iterable<{ readonly key: K; readonly value: V }>,
  options: ReplaceOptions = {},
): Promise<RowChangeCounts> {
  const checked = checkReplace("upsertAll", trace, options);
  checkIterable(rows, "upsertAll", "rows { key, value } in an array or another iterable", "pass [row]");
  const given: { readonly key: K; readonly value: V }[] = [];
  for (const row of rows) {
    checkPair(row, given.length);
    const { key, value, weight } = row as IndexedZSetRowInput<K, V>;
    if (weight !== undefined)
      throw refused(["rows", given.length, "weight"], "none, for a key has one row", weight);
    given.push({ key, value });
  }
  const keys = given.map(({ key }) => key);
  return replaceAll("upsertAll", trace, keys, checked, (at) => ({ value: given[at]!.value }));
}

/** Removes the rows of many keys, all of them or none. Costs and errors as those of {@link upsertAll}. */
export async function removeAll<K, V>(
  trace: Trace<K, V>,
  keys: Iterable<K>,
  options: ReplaceOptions = {},
): Promise<RowChangeCounts> {
  const checked = checkReplace("removeAll", trace, options);
  checkIterable(keys, "removeAll", "keys in an array or another iterable", "pass [key]");
  return replaceAll("removeAll", trace, [...keys], checked, () => undefined);
}

async function replaceAll<K, V>(
  what: string,
  trace: Trace<K, V>,
  given: readonly K[],
  { several, signal }: ReplaceOptions,
  next: (at: number) => Next<V>,
): Promise<RowChangeCounts> {
  const keys = lastOfEach(trace, given);
  const { keySchema, valueSchema, serializer } = trace.layout;
  const listed = keys.map(({ key }) => key);
  return withPresent(trace, listed, signal, (present) => {
    const counts: Record<RowChangeKind, number> = {
      inserted: 0,
      replaced: 0,
      removed: 0,
      unchanged: 0,
      absent: 0,
    };
    const rows: IndexedZSetRowInput<K, V>[] = [];
    keys.forEach(({ key, at }, place) => {
      const found = present[place]!;
      if (found.length > 0 && several !== "replace" && !isRow(found)) throw isNoRow(what, key, found);
      const now = next(at);
      for (const { value, weight } of found) rows.push({ key, value, weight: -weight });
      if (now !== undefined) rows.push({ key, value: now.value });
      if (found.length === 0) counts[now === undefined ? "absent" : "inserted"]++;
      else counts[now === undefined ? "removed" : "replaced"]++;
    });
    const delta = IndexedZSet.from(
      keySchema as SchemaOf<K>,
      valueSchema as SchemaOf<V>,
      rows as Iterable<never>,
      { serializer },
    );
    // A row that is what it was has cancelled: what is left of the keys are those that change.
    const replaced = keysIn(delta) - counts.inserted - counts.removed;
    counts.unchanged = counts.replaced - replaced;
    counts.replaced = replaced;
    if (delta.size > 0) trace.insertBatch(delta);
    return counts;
  });
}

function keysIn<K, V>({ batch }: IndexedZSet<K, V>): number {
  let keys = 0;
  for (const cursor = new KeyCursor(batch); !cursor.isDone; cursor.next()) keys++;
  return keys;
}
