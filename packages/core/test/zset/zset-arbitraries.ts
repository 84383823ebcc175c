import fc from "fast-check";
import { z } from "zod";
import { IndexedZSet, layoutOf, ZSet, type Layout } from "../../src/index.ts";
import { Batch, Staging, type Part } from "../../src/engine.ts";
import { rowsOf } from "./reference.ts";

// Z-sets with few distinct rows, so that they meet, in parts that are cut anywhere.

export const SEED = 20261122;

export const key = z.string();
export const value = z.object({ n: z.int32(), t: z.string().nullable() });
export type Value = z.infer<typeof value>;
export type Pairs = IndexedZSet<string, Value>;

export const layout: Layout<string, Value> = layoutOf(key, value);

const keys = fc.constantFrom("order-1", "username-1", "username-2", "username-3", "é", "");
const values: fc.Arbitrary<Value> = fc.record(
  {
    n: fc.integer({ min: -2, max: 2 }),
    t: fc.constantFrom(null, "", "a", "common prefix 1", "common prefix 2"),
  },
  { noNullPrototype: true },
);
const weights = fc.integer({ min: -3, max: 3 });

/** Builds each part on its own, as they are in a batch that has been merged. */
function cut<K, V>(zset: { readonly batch: Batch<K, V> }, places: readonly number[]): Batch<K, V> {
  const { batch } = zset;
  const isOfItems = batch.layout.value.kind === "nothing";
  const rows = rowsOf(isOfItems ? new ZSet(batch as never) : new IndexedZSet(batch as never));
  const ends = [...new Set(places.map((place) => place % (rows.length + 1))), rows.length].sort(
    (a, b) => a - b,
  );
  const parts: Part[] = [];
  let from = 0;
  for (const end of ends) {
    const staging = new Staging(batch.layout);
    for (const row of rows.slice(from, end)) staging.push(row.key as K, row.value as V, row.weight);
    parts.push(...staging.seal());
    from = end;
  }
  return Batch.of(batch.layout, parts);
}

const cuts = fc.array(fc.nat(40), { maxLength: 4 });

/** Indexed Z-sets of a few keys. */
export const pairs: fc.Arbitrary<Pairs> = fc
  .tuple(fc.array(fc.record({ key: keys, value: values, weight: weights }), { maxLength: 25 }), cuts)
  .map(([rows, places]) => new IndexedZSet(cut(IndexedZSet.from(key, value, rows), places)));

/** Indexed Z-sets of the same keys and other values. */
export const others: fc.Arbitrary<IndexedZSet<string, number>> = fc
  .tuple(
    fc.array(fc.record({ key: keys, value: fc.integer({ min: -3, max: 3 }), weight: weights }), {
      maxLength: 20,
    }),
    cuts,
  )
  .map(([rows, places]) => new IndexedZSet(cut(IndexedZSet.from(key, z.int32(), rows), places)));

/** Z-sets of values. */
export const items: fc.Arbitrary<ZSet<Value>> = fc
  .tuple(fc.array(fc.record({ item: values, weight: weights }), { maxLength: 25 }), cuts)
  .map(([rows, places]) => new ZSet(cut(ZSet.from(value, rows), places)));

/** Z-sets of the keys of {@link pairs}. */
export const keySets: fc.Arbitrary<ZSet<string>> = fc
  .array(fc.record({ item: keys, weight: weights }), { maxLength: 6 })
  .map((rows) => ZSet.from(key, rows));
