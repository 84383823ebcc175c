import { valueOf, wordOf, type Key, type Kind, type Value } from "../workload/kind.ts";
import type { Workload } from "../workload/workload.ts";
import { importPeer } from "./peer-module.ts";
import type { Table } from "./table.ts";

/** What both peers call a multiset. */
interface MultiSet<T> {
  getInner(): Iterable<[T, number]>;
}

/** `Index` of `@tanstack/db-ivm`, as far as it is used. */
interface DbIvmIndex {
  addValue(key: Key, value: [Value | [number, unknown], number]): void;
  get(key: Key): Iterable<[Value, number]>;
  entries(): Iterable<[Key, [Value, number]]>;
  join(other: DbIvmIndex): MultiSet<[Key, [unknown, Value]]>;
}

/** `Index` of `@electric-sql/d2ts`. */
interface D2Index {
  addValue(key: Key, version: unknown, value: [unknown, number]): void;
  reconstructAt(key: Key, version: unknown): Iterable<[Value, number]>;
  keys(): Iterable<Key>;
  join(other: D2Index): Iterable<[unknown, MultiSet<[Key, [unknown, Value]]>]>;
  compact(frontier: unknown): void;
}

/** The state of a join or a reduce in `@tanstack/db-ivm`. */
export async function fillDbIvm(workload: Workload): Promise<Table> {
  const { Index } = await importPeer<{ Index: new () => DbIvmIndex }>("@tanstack/db-ivm/dist/esm/indexes.js");
  const index = new Index();
  eachRow(workload, (key, value, weight) => index.addValue(key, [value, weight]));
  return {
    add: (key, value, weight) => index.addValue(key, [value, weight]),
    get(key) {
      let sum = 0;
      for (const [value, weight] of index.get(key)) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
    join(keys) {
      const delta = new Index();
      keys.forEach((key, at) => delta.addValue(key, [[at, { at }], 1]));
      let sum = 0;
      for (const [[, [, value]], weight] of delta.join(index).getInner()) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
    scan() {
      let sum = 0;
      for (const [, [value, weight]] of index.entries()) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
  };
}

/** The state of a join or a reduce in `@electric-sql/d2ts`, its rows spread over ten versions. */
export async function fillD2ts(workload: Workload): Promise<Table> {
  const { Index, v, Antichain } = await importPeer<{
    Index: new () => D2Index;
    v(version: number): unknown;
    Antichain: new (elements: unknown[]) => unknown;
  }>("@electric-sql/d2ts/dist/index.js");
  const index = new Index();
  const rowsOfVersion = Math.ceil(workload.n / 10);
  let version = v(0);
  let count = 0;
  eachRow(workload, (key, value, weight) => {
    if (count % rowsOfVersion === 0) version = v(count / rowsOfVersion);
    count++;
    index.addValue(key, version, [value, weight]);
  });
  return {
    add: (key, value, weight) => index.addValue(key, version, [value, weight]),
    get(key) {
      let sum = 0;
      for (const [value, weight] of index.reconstructAt(key, version)) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
    join(keys) {
      const delta = new Index();
      keys.forEach((key, at) => delta.addValue(key, version, [{ at }, 1]));
      let sum = 0;
      for (const [, rows] of delta.join(index))
        for (const [[, [, value]], weight] of rows.getInner()) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
    scan() {
      let sum = 0;
      for (const key of index.keys())
        for (const [value, weight] of index.reconstructAt(key, version)) sum += (wordOf(value) + 1) * weight;
      return sum;
    },
    async compact() {
      index.compact(new Antichain([version]));
    },
  };
}

function eachRow(
  { kind, rows }: { readonly kind: Kind; readonly rows: Workload["rows"] },
  visit: (key: Key, value: Value, weight: number) => void,
): void {
  const { keys, numbers, weights, length } = rows;
  for (let row = 0; row < length; row++) visit(keys[row]!, valueOf(kind, numbers[row]!), weights[row]!);
}
