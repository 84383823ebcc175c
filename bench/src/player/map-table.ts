import { objectOf, wordOfObject, type Key, type ObjectValue, type Value } from "../workload/kind.ts";
import type { Workload } from "../workload/workload.ts";
import type { Table } from "./table.ts";

/** A `Map` from key to a `Map` of values: what one writes without a library. Objects are told apart by their id. */
export function fillMap({ kind, rows }: Workload): Table {
  const table = kind === "objects" ? mapOfObjects() : mapOfNumbers();
  const { keys, numbers, weights } = rows;
  for (let row = 0; row < rows.length; row++)
    table.add(keys[row]!, kind === "objects" ? objectOf(numbers[row]!) : numbers[row]!, weights[row]!);
  return table;
}

function mapOfNumbers(): Table {
  const map = new Map<Key, Map<number, number>>();
  const get = (key: Key): number => {
    let sum = 0;
    const values = map.get(key);
    if (values !== undefined) for (const [value, weight] of values) sum += (value + 1) * weight;
    return sum;
  };
  return {
    add(key, value, weight) {
      let values = map.get(key);
      if (values === undefined) map.set(key, (values = new Map()));
      const sum = (values.get(value as number) ?? 0) + weight;
      if (sum !== 0) values.set(value as number, sum);
      else if (values.delete(value as number) && values.size === 0) map.delete(key);
    },
    get,
    join(keys) {
      const pairs: [Key, number, number][] = [];
      for (const key of keys)
        for (const [value, weight] of map.get(key) ?? []) pairs.push([key, value, weight]);
      let sum = 0;
      for (const [, value, weight] of pairs) sum += (value + 1) * weight;
      return sum;
    },
    scan() {
      let sum = 0;
      for (const values of map.values()) for (const [value, weight] of values) sum += (value + 1) * weight;
      return sum;
    },
  };
}

function mapOfObjects(): Table {
  const map = new Map<Key, Map<number, { value: ObjectValue; weight: number }>>();
  return {
    add(key, given, weight) {
      const value = given as ObjectValue & Value;
      let values = map.get(key);
      if (values === undefined) map.set(key, (values = new Map()));
      const entry = values.get(value.id);
      if (entry === undefined) values.set(value.id, { value, weight });
      else if ((entry.weight += weight) === 0 && values.delete(value.id) && values.size === 0)
        map.delete(key);
    },
    get(key) {
      let sum = 0;
      const values = map.get(key);
      if (values !== undefined)
        for (const { value, weight } of values.values()) sum += (wordOfObject(value) + 1) * weight;
      return sum;
    },
    join(keys) {
      const pairs: [Key, ObjectValue, number][] = [];
      for (const key of keys) {
        const values = map.get(key);
        if (values === undefined) continue;
        for (const { value, weight } of values.values()) pairs.push([key, value, weight]);
      }
      let sum = 0;
      for (const [, value, weight] of pairs) sum += (wordOfObject(value) + 1) * weight;
      return sum;
    },
    scan() {
      let sum = 0;
      for (const values of map.values())
        for (const { value, weight } of values.values()) sum += (wordOfObject(value) + 1) * weight;
      return sum;
    },
  };
}
