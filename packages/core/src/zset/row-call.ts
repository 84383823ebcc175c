import type { Part } from "../batch/part.ts";
import { refused } from "../input/refused.ts";
import { rowReader } from "../schema/row-reader.ts";
import { isIndexed, type AnyZSet } from "./any-zset.ts";

/** A user's function of a row: of the item, or of key and value. */
export type RowFunction = (itemOrKey: unknown, value?: unknown) => unknown;

/** @throws `ZSPINE_INVALID_OPTIONS` for what cannot be called. */
export function checkCall(what: string, call: unknown): void {
  if (typeof call !== "function") throw refused([what], "a function", call);
}

/** Makes a function that calls `call` with what stands in a row of `part`: new values, the callee's own. */
export function rowCall(zset: AnyZSet, part: Part, call: RowFunction): (row: number) => unknown {
  const first = rowReader(zset.layout.key, part.columns);
  if (!isIndexed(zset)) return (row) => call(first(row));
  const value = rowReader(zset.layout.value, part.columns);
  return (row) => call(first(row), value(row));
}
