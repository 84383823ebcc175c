import { quote, ZspineError, type KeyBounds, type Layout } from "@zspine/core";
import { quoteNames, rangeFinder, type RangeFinder } from "@zspine/core/engine";

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

const BOUNDS = ["gt", "gte", "lt", "lte", "prefix"] as const;
const NAMES: readonly string[] = [...BOUNDS, "reverse", "limit"];

/** A range as it was when it was given: what becomes of the caller's objects afterwards does not matter. */
export interface ReadRange {
  readonly find: RangeFinder;
  readonly reverse: boolean;
  readonly limit: number;
  /** Whether it has no bounds. */
  readonly isWhole: boolean;
}

/** All rows, forward. */
export const WHOLE_RANGE: ReadRange = {
  find: {
    slots: (batch) => ({ from: 0, to: batch.slots.length }),
    rows: (part) => ({ from: 0, to: part.weights.length }),
  },
  isWhole: true,
  reverse: false,
  limit: Infinity,
};

/**
 * Reads a range, to find it in as many batches as there will be.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when it has a name or a value that ranges of the layout do not have.
 */
export function readRange<K>(layout: Layout<K, unknown>, range: KeyRange<K>): ReadRange {
  checkRange(range);
  const { reverse = false, limit = Infinity } = range;
  const isWhole = BOUNDS.every((name) => range[name] === undefined);
  return { find: rangeFinder(layout, range), reverse, limit, isWhole };
}

function checkRange<K>(range: KeyRange<K>): void {
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
