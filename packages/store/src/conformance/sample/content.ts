import type { Row } from "@zspine/core";
import { assert } from "../assertion/assertion.ts";
import { canonicalText } from "../reference/canonical-text.ts";
import type { RangeUnderTest, SnapshotUnderTest, TraceUnderTest } from "./store-under-test.ts";

/** A row in short. */
export type Triple = readonly [key: unknown, value: unknown, weight: number];

/** Asserts that two values are equal by content, whatever objects they are in. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const found = canonicalText(actual);
  const wanted = canonicalText(expected);
  assert(found === wanted, `${what}: expected ${excerpt(wanted, found)}, found ${excerpt(found, wanted)}`);
}

/** Asserts that a trace reads as these rows, in this order, row by row and in columns. */
export async function assertContent<K, V>(
  trace: TraceUnderTest<K, V>,
  expected: readonly Triple[],
  what: string,
  range: RangeUnderTest<NoInfer<K>> = {},
): Promise<void> {
  assertEqual((await readRows(trace, range)).map(tripleOf), expected, `rows() ${what}`);
  assertEqual((await readChunks(trace, range)).map(tripleOf), expected, `chunks() ${what}`);
}

/** Reads rows one by one. */
export async function readRows<K, V>(
  trace: TraceUnderTest<K, V>,
  range?: RangeUnderTest<NoInfer<K>>,
): Promise<Row<K, V>[]> {
  const rows: Row<K, V>[] = [];
  for await (const row of trace.rows(range)) rows.push(row);
  return rows;
}

/** Reads rows in columns: the fast way. */
export async function readChunks<K, V>(
  trace: TraceUnderTest<K, V>,
  range?: RangeUnderTest<NoInfer<K>>,
): Promise<Row<K, V>[]> {
  const rows: Row<K, V>[] = [];
  for await (const chunk of trace.chunks(range)) for (const row of chunk.rows()) rows.push(row);
  return rows;
}

/** Reads the keys of rows. */
export async function readKeys<K, V>(
  trace: TraceUnderTest<K, V>,
  range?: RangeUnderTest<NoInfer<K>>,
): Promise<K[]> {
  return (await readRows(trace, range)).map(({ key }) => key);
}

/** The rows of a snapshot in short. */
export function triplesOf<K, V>(
  snapshot: SnapshotUnderTest<K, V>,
  range?: RangeUnderTest<NoInfer<K>>,
): Triple[] {
  return Array.from(snapshot.rows(range), tripleOf);
}

/** A row in short. */
export function tripleOf<K, V>({ key, value, weight }: Row<K, V>): Triple {
  return [key, value, weight];
}

const CONTEXT = 160;

/** Cuts out of a long text where it begins to differ from another. */
function excerpt(text: string, other: string): string {
  if (text.length <= CONTEXT * 2) return text;
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - CONTEXT / 2);
  return `${from > 0 ? "…" : ""}${text.slice(from, from + CONTEXT)}…`;
}
