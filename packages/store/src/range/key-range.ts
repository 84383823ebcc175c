import { BOOLEAN, checkOptions, SIGNAL, type KeyBounds, type Layout, type OptionKinds } from "@zspine/core";
import { ANY, checkIterable, rangeFinder, type RangeFinder } from "@zspine/core/engine";

/** A range of keys, and how to read it. */
export interface KeyRange<K> extends KeyBounds<K> {
  /** From the last key to the first, and the values of a key from last to first. */
  readonly reverse?: boolean | undefined;
  /** How many rows to read at the most. */
  readonly limit?: number | undefined;
}

/** How to read, besides the range. */
export interface ReadOptions {
  /** Ends the read with `ZSPINE_ABORTED` at the next chunk. */
  readonly signal?: AbortSignal | undefined;
}

const BOUNDS = ["gt", "gte", "lt", "lte", "prefix"] as const;

const RANGE: OptionKinds = {
  ...Object.fromEntries(BOUNDS.map((name) => [name, ANY])),
  reverse: BOOLEAN,
  limit: {
    expected: "a whole number, not negative",
    accepts: (limit) => limit === Infinity || (Number.isSafeInteger(limit) && (limit as number) >= 0),
  },
};

const READ: OptionKinds = { signal: SIGNAL };

/** What is read with where nothing is said: known to be sound, so that a look-up need not check it. */
export const NO_OPTIONS: ReadOptions = Object.freeze({});

/** Gives options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS` naming the one that reads do not have. */
export function checkRead(options: ReadOptions, what: string): ReadOptions {
  return options === NO_OPTIONS ? options : checkOptions(options, what, READ);
}

/**
 * Lists keys, of whatever iterable, in an array of our own: what becomes of the caller's while keys are read, which may
 * run code of the caller's, does not matter.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is none.
 */
export function listKeys<K>(keys: Iterable<K>, what: string): readonly K[] {
  const advice = what === "getMany" ? "for one key there is get(key)" : "pass [key]";
  checkIterable(keys, what, "keys in an array or another iterable", advice);
  return [...keys];
}

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
  const { reverse = false, limit = Infinity, ...bounds } = checkOptions(range, "range", RANGE);
  const isWhole = BOUNDS.every((name) => bounds[name] === undefined);
  return { find: rangeFinder(layout, bounds), reverse, limit, isWhole };
}
