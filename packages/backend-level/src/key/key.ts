/**
 * What stands under which key, version 2:
 *
 * | key                          | holds                          |
 * |------------------------------|--------------------------------|
 * | `h!` and 16 decimal digits   | the head of that number        |
 * | the same and `r`             | likewise, created `relaxed`    |
 * | `v!` and a name              | the value of that name         |
 * | `m!zspine` (in browsers)     | the version, as text: `level 2` |
 *
 * Heads have a fixed width, and names consist of ASCII below `~`, so the order of keys is that of numbers
 * and names.
 */
export const FORMAT_VERSION = 2;

const HEAD = "h!";
const VALUE = "v!";
const DIGITS = 16;
const RELAXED = "r";
/** Above every character that a key goes on with. */
const END = "~";

/** Keys from `from`, itself among them or not, to below `to`. */
export interface KeyRange {
  readonly from: string;
  readonly isFromIncluded: boolean;
  readonly to: string;
}

/** The key of a value. */
export function valueKey(name: string): string {
  return VALUE + name;
}

/** The name of the value under `key`. */
export function valueName(key: string): string {
  return key.slice(VALUE.length);
}

/** The keys of values whose names begin with `prefix`, above that of the name `after` where it is given. */
export function valueKeys(prefix: string, after?: string): KeyRange {
  const from = valueKey(after ?? prefix);
  return { from, isFromIncluded: after === undefined, to: valueKey(prefix) + END };
}

/** What the key of a head tells of it. */
export interface HeadName {
  readonly number: number;
  /** Whether it was created synced. */
  readonly isSynced: boolean;
}

/** The key of a head. */
export function headKey({ number, isSynced }: HeadName): string {
  return HEAD + String(number).padStart(DIGITS, "0") + (isSynced ? "" : RELAXED);
}

/** The head under `key`. */
export function headOfKey(key: string): HeadName {
  return { number: Number(key.slice(HEAD.length, HEAD.length + DIGITS)), isSynced: !key.endsWith(RELAXED) };
}

/** The keys of all heads, above that of one where it is given. */
export function headKeys(after: string = HEAD): KeyRange {
  return { from: after, isFromIncluded: false, to: HEAD + END };
}
