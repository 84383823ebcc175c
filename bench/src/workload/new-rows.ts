import { keyOf, valueOf, wordOf, type Kind, type Value } from "./kind.ts";
import type { Rows } from "./workload.ts";

/** Commits of a run. */
export const COMMITS = 20;
/** Numbers of new keys stay below this; {@link KEY_STEP} has no divisor in common with it. */
export const KEY_LIMIT = 40_000_000;
const KEY_STEP = 7919;
/** The number of a value that no workload has. */
const NEW_NUMBER = 2 ** 24 + 1;

/** Rows with odd keys, of which a workload has none, and values that are the same each time. */
export function newRows(kind: Kind, length: number, first: number): Rows {
  const numbers = Array.from({ length }, (_, at) => 2 * (((first + at) * KEY_STEP) % KEY_LIMIT) + 1);
  const keys = numbers.map((number) => keyOf(kind, number));
  return {
    length,
    keys: typeof keys[0] === "number" ? Int32Array.from(keys as number[]) : (keys as string[]),
    numbers: Int32Array.from(numbers, (_, at) => at),
    weights: new Int8Array(length).fill(1),
  };
}

/** What the commits of a run come to, of so many new rows each. */
export function sumOfCommits(kind: Kind, rows: number): number {
  let sum = 0;
  for (let at = 0; at < rows; at++) sum += wordOf(valueOf(kind, at)) + 1;
  return sum * COMMITS;
}

/** A value that no workload has. */
export function newValue(kind: Kind): Value {
  return valueOf(kind, NEW_NUMBER);
}

/** What reading and writing by turns comes to, given what the keys come to before. */
export function sumOfTurns(kind: Kind, before: { readonly keys: number; readonly sum: number }): number {
  return 2 * before.sum + before.keys * (wordOf(newValue(kind)) + 1);
}
