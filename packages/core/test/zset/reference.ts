import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { IndexedZSet, type AnyZSet } from "../../src/index.ts";
import { identify } from "./identity.ts";

// The slow, obvious reference: a Map from rows, written out as text, to weights. An item of a Z-set is a
// row whose value is undefined.

export interface Entry<K = unknown, V = unknown> {
  readonly key: K;
  readonly value: V;
  readonly weight: number;
}

export type Reference<K = unknown, V = unknown> = Map<string, Entry<K, V>>;

/** Adds entries up and drops those that come to 0. */
export function reference<K, V>(entries: Iterable<Entry<K, V>>): Reference<K, V> {
  const rows: Reference<K, V> = new Map();
  for (const { key, value, weight } of entries) {
    const id = identify([key, value]);
    rows.set(id, { key, value, weight: (rows.get(id)?.weight ?? 0) + weight });
  }
  for (const [id, row] of rows) if (row.weight === 0) rows.delete(id);
  return rows;
}

/** Reads a Z-set row by row. */
export function rowsOf(zset: AnyZSet): Entry[] {
  if (zset instanceof IndexedZSet) return [...zset];
  return [...zset].map(({ item, weight }) => ({ key: item, value: undefined, weight }));
}

/** Fails unless a Z-set has the rows and weights of the reference, and says so itself. */
export function expectSame(zset: AnyZSet, expected: Reference): void {
  const found = rowsOf(zset).map(({ key, value, weight }) => [identify([key, value]), weight]);
  const wanted = [...expected].map(([id, { weight }]) => [id, weight]);
  expect(found.sort()).toEqual(wanted.sort());
  expect(zset.size).toBe(expected.size);
  expect(zset.totalWeight).toBe([...expected.values()].reduce((sum, { weight }) => sum + weight, 0));
}

/** Fails unless two Z-sets have the same rows in the same order with the same weights. */
export function expectEqual(a: AnyZSet, b: AnyZSet): void {
  if (isDeepStrictEqual(rowsOf(a), rowsOf(b))) return;
  expect(rowsOf(a)).toEqual(rowsOf(b));
}

export function sumOf<K, V>(...all: readonly Reference<K, V>[]): Reference<K, V> {
  return reference(all.flatMap((rows) => [...rows.values()]));
}

export function reweighed<K, V>(
  rows: Reference<K, V>,
  weightOf: (row: Entry<K, V>) => number,
): Reference<K, V> {
  return reference([...rows.values()].map((row) => ({ ...row, weight: weightOf(row) })));
}

export function joined<K, A, B>(a: Reference<K, A>, b: Reference<K, B>): Entry<K, readonly [A, B]>[] {
  return [...a.values()].flatMap((left) =>
    [...b.values()]
      .filter((right) => identify(left.key) === identify(right.key))
      .map((right) => ({
        key: left.key,
        value: [left.value, right.value] as const,
        weight: left.weight * right.weight,
      })),
  );
}

export function grouped<K, V>(rows: Reference<K, V>): { readonly key: K; readonly rows: Entry<K, V>[] }[] {
  const groups = new Map<string, { key: K; rows: Entry<K, V>[] }>();
  for (const row of rows.values()) {
    const id = identify(row.key);
    const group = groups.get(id) ?? { key: row.key, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()];
}
