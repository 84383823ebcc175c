import { assertEqual } from "@zspine/conformance";
import type { Row } from "@zspine/core";
import type { KeyRange, Snapshot, Trace } from "@zspine/store";

/** A row in short. */
export type Triple = readonly [key: unknown, value: unknown, weight: number];

/** Asserts that a trace reads as these rows, in this order, row by row and in columns. */
export async function assertContent<K, V>(
  trace: Trace<K, V>,
  expected: readonly Triple[],
  what: string,
  range: KeyRange<NoInfer<K>> = {},
): Promise<void> {
  assertEqual((await readRows(trace, range)).map(tripleOf), expected, `rows() ${what}`);
  assertEqual((await readChunks(trace, range)).map(tripleOf), expected, `chunks() ${what}`);
}

/** Reads rows one by one. */
export async function readRows<K, V>(trace: Trace<K, V>, range?: KeyRange<NoInfer<K>>): Promise<Row<K, V>[]> {
  const rows: Row<K, V>[] = [];
  for await (const row of trace.rows(range)) rows.push(row);
  return rows;
}

/** Reads rows in columns: the fast way. */
export async function readChunks<K, V>(
  trace: Trace<K, V>,
  range?: KeyRange<NoInfer<K>>,
): Promise<Row<K, V>[]> {
  const rows: Row<K, V>[] = [];
  for await (const chunk of trace.chunks(range)) for (const row of chunk.rows()) rows.push(row);
  return rows;
}

/** Reads the keys of rows. */
export async function readKeys<K, V>(trace: Trace<K, V>, range?: KeyRange<NoInfer<K>>): Promise<K[]> {
  return (await readRows(trace, range)).map(({ key }) => key);
}

/** The rows of a snapshot in short. */
export function triplesOf<K, V>(snapshot: Snapshot<K, V>, range?: KeyRange<NoInfer<K>>): Triple[] {
  return Array.from(snapshot.rows(range), tripleOf);
}

/** A row in short. */
export function tripleOf<K, V>({ key, value, weight }: Row<K, V>): Triple {
  return [key, value, weight];
}
