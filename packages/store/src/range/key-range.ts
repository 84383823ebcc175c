import { quote, quoteNames, ZspineError, type KeyBounds } from "@zspine/core";

/** A range of keys, and how to read it. */
export interface KeyRange<K> extends KeyBounds<K> {
  /** From the last key to the first, and the values of a key from last to first. */
  readonly reverse?: boolean;
  /** How many rows to read at the most. */
  readonly limit?: number;
}

/** How to read, besides the range. */
export interface ReadOptions {
  /** Ends the read with `ZSPINE_ABORTED` at the next chunk. */
  readonly signal?: AbortSignal;
}

const NAMES = ["gt", "gte", "lt", "lte", "prefix", "reverse", "limit"];

/** @throws `ZSPINE_INVALID_OPTIONS` when a range has a name or a value that ranges do not have. */
export function checkRange<K>(range: KeyRange<K>): void {
  if (typeof range !== "object" || range === null) throw refused([], "an object", range);
  for (const name of Object.keys(range)) {
    if (!NAMES.includes(name)) throw refused([name], `one of ${quoteNames(NAMES)}`, name);
  }
  const { reverse, limit } = range;
  if (reverse !== undefined && typeof reverse !== "boolean") throw refused(["reverse"], "a boolean", reverse);
  const isLimit = limit === undefined || limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0);
  if (!isLimit) throw refused(["limit"], "a whole number, not negative", limit);
}

function refused(path: readonly string[], expected: string, found: unknown): ZspineError {
  const at = ["range", ...path];
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `${at.join(".")}: expected ${expected}, found ${quote(found)}`,
    {
      path: at,
    },
  );
}
