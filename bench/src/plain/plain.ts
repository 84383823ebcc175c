import type { Dataset, Key } from "../data/dataset.ts";
import type { PlainRow } from "../data/naive.ts";

/** Plain JavaScript for the same work, as one writes it without a library: what ratios compare with. */

/** Gives the rows of a dataset as objects. */
export function plainRowsOf({ n, keys, values, weights }: Dataset): PlainRow[] {
  return Array.from({ length: n }, (_, row) => ({
    key: keys[row]!,
    value: values[row]!,
    weight: weights[row]!,
  }));
}

/** Sorts rows by key and value, adds up the weights of equal ones, and drops zeros. */
export function sortAndDedupe(rows: readonly PlainRow[]): PlainRow[] {
  const sorted = [...rows].sort(compareRows);
  const result: PlainRow[] = [];
  for (let row = 0; row < sorted.length;) {
    const { key, value } = sorted[row]!;
    let weight = 0;
    for (; row < sorted.length && sorted[row]!.key === key && sorted[row]!.value === value; row++) {
      weight += sorted[row]!.weight;
    }
    if (weight !== 0) result.push({ key, value, weight });
  }
  return result;
}

function compareRows(a: PlainRow, b: PlainRow): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.value - b.value;
}

/** A map of maps: the weights of the values of each key. */
export type NestedMap = Map<Key, Map<number, number>>;

/** Adds the rows of a dataset up in a map of maps. */
export function nestedMapOf({ n, keys, values, weights }: Dataset): NestedMap {
  const map: NestedMap = new Map();
  for (let row = 0; row < n; row++) addToMap(map, keys[row]!, values[row]!, weights[row]!);
  return map;
}

function addToMap(map: NestedMap, key: Key, value: number, weight: number): void {
  let ofKey = map.get(key);
  if (ofKey === undefined) {
    ofKey = new Map();
    map.set(key, ofKey);
  }
  const sum = (ofKey.get(value) ?? 0) + weight;
  if (sum !== 0) ofKey.set(value, sum);
  else if (ofKey.delete(value) && ofKey.size === 0) map.delete(key);
}

/** Makes a map from key to the rows of the key. */
export function mapByKey(rows: readonly PlainRow[]): Map<Key, PlainRow[]> {
  const map = new Map<Key, PlainRow[]>();
  for (const row of rows) {
    const ofKey = map.get(row.key);
    if (ofKey === undefined) map.set(row.key, [row]);
    else ofKey.push(row);
  }
  return map;
}
