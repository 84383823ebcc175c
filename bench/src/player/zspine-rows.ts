import { z } from "zod";
import { IndexedZSet, type ColumnarRows } from "@zspine/core";
import {
  openStore,
  type MergeStrategy,
  type Snapshot,
  type Store,
  type StoreOptions,
  type Trace,
} from "@zspine/store";
import {
  hasTextKeys,
  objectOf,
  wordOfObject,
  type Key,
  type Kind,
  type ObjectValue,
  type Value,
} from "../workload/kind.ts";
import type { Rows } from "../workload/workload.ts";

/** A store with a trace of a workload's rows. */
export interface OpenTrace {
  readonly store: Store;
  readonly trace: Trace<Key, Value>;
}

/** What can be read at once: a snapshot, or a trace as it is now. */
export type Readable = Pick<Snapshot<Key, Value>, "get" | "rows" | "chunks" | "semijoin">;

const objectSchema = z.object({ id: z.int32(), name: z.string(), amount: z.int32() });
// One of each, as a program has them.
const numberKey = z.int32() as z.ZodType<Key>;
const textKey = z.string() as z.ZodType<Key>;
const numberValue = z.int32() as z.ZodType<Value>;

/** The schemas of a kind of rows. */
export function schemasOf(kind: Kind): { key: z.ZodType<Key>; value: z.ZodType<Value> } {
  return {
    key: hasTextKeys(kind) ? textKey : numberKey,
    value: kind === "objects" ? (objectSchema as z.ZodType<Value>) : numberValue,
  };
}

/** Opens a store with a trace for rows of a kind; in memory unless options name a backend. */
export async function openTrace(kind: Kind, options: StoreOptions = {}): Promise<OpenTrace> {
  const store = await openStore(options);
  return { store, trace: await store.trace("rows", schemasOf(kind)) };
}

/** Merges nothing, so that a spine stays as it was inserted. */
export const unmerged: MergeStrategy = { name: "unmerged", choose: () => undefined };

/** Rows as columns to insert. */
export function columnsOf(kind: Kind, { keys, numbers, weights }: Rows): ColumnarRows<Key, Value> {
  const value = kind === "objects" ? objectColumnsOf(numbers) : numbers;
  return { key: keys, value, weight: weights } as ColumnarRows<Key, Value>;
}

function objectColumnsOf(numbers: Int32Array): { id: Int32Array; name: string[]; amount: Int32Array } {
  const objects = Array.from(numbers, objectOf);
  return {
    id: numbers,
    name: objects.map(({ name }) => name),
    amount: Int32Array.from(objects, ({ amount }) => amount),
  };
}

/** Sorts rows and adds equal ones up. */
export function consolidateRows(kind: Kind, rows: Rows): IndexedZSet<Key, Value> {
  const { key, value } = schemasOf(kind);
  return IndexedZSet.fromColumns(key, value, columnsOf(kind, rows));
}

/** Sums up a key, as a Table does. */
export function getSum(kind: Kind): (readable: Readable, key: Key) => number {
  return kind === "objects" ? getObjects : getNumbers;
}

function getNumbers(readable: Readable, key: Key): number {
  let sum = 0;
  for (const { value, weight } of readable.get(key)) sum += ((value as number) + 1) * weight;
  return sum;
}

function getObjects(readable: Readable, key: Key): number {
  let sum = 0;
  for (const { value, weight } of readable.get(key)) sum += (wordOfObject(value as ObjectValue) + 1) * weight;
  return sum;
}

/** Sums up rows, objects that they are. */
export function sumOfRows(
  kind: Kind,
  rows: Iterable<{ readonly value: Value; readonly weight: number }>,
): number {
  let sum = 0;
  if (kind === "objects")
    for (const { value, weight } of rows) sum += (wordOfObject(value as ObjectValue) + 1) * weight;
  else for (const { value, weight } of rows) sum += ((value as number) + 1) * weight;
  return sum;
}

/** Sums up columns. */
export function sumOfChunk(kind: Kind, value: unknown, weight: Float64Array): number {
  if (kind === "objects") {
    const { id, name, amount } = value as {
      id: ArrayLike<number>;
      name: ArrayLike<string>;
      amount: ArrayLike<number>;
    };
    let sum = 0;
    for (let row = 0; row < weight.length; row++)
      sum += (id[row]! + name[row]!.length + amount[row]! + 1) * weight[row]!;
    return sum;
  }
  const values = value as ArrayLike<number>;
  let sum = 0;
  for (let row = 0; row < weight.length; row++) sum += (values[row]! + 1) * weight[row]!;
  return sum;
}
