/**
 * What stands under which key, version 1:
 *
 * | key                          | holds                          |
 * |------------------------------|--------------------------------|
 * | `h!` and 16 decimal digits   | the head of that number        |
 * | `v!` and a name              | the value of that name         |
 * | `m!zspine` (in browsers)     | the version, as text: `level 1` |
 *
 * Heads have a fixed width, and names consist of ASCII below `~`, so the order of keys is that of numbers
 * and names.
 */
export const FORMAT_VERSION = 1;

const HEAD = "h!";
const VALUE = "v!";
const DIGITS = 16;
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

/** The key of a head. */
export function headKey(number: number): string {
  return HEAD + String(number).padStart(DIGITS, "0");
}

/** The number of the head under `key`. */
export function headNumber(key: string): number {
  return Number(key.slice(HEAD.length));
}

/** The keys of all heads. */
export function headKeys(): KeyRange {
  return { from: HEAD, isFromIncluded: true, to: HEAD + END };
}
