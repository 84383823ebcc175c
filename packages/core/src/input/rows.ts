import { nearest } from "./nearest.ts";
import { isBuiltIn, isPlain } from "./options.ts";
import { refused, unknownOption } from "./refused.ts";

const PAIR_NAMES: readonly string[] = ["key", "value", "weight"];
const ITEM_NAMES: readonly string[] = ["item", "weight"];
const NOT_APPLIED = "nothing was applied";

// For each row that comes: `for in` over an object of braces costs a few ns, where `Object.keys` would make an array.

/**
 * Checks that row `at` of a call is an object with no names but `key`, `value` and `weight`: a misspelt weight
 * would be a weight of 1, and a Map a row of nothing.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path `["rows", at, name]`.
 */
export function checkPair(row: unknown, at: number): void {
  if (typeof row !== "object" || row === null) throw noRow(row, at, "{ key, value }");
  let isEmpty = true;
  for (const name in row) {
    isEmpty = false;
    if (name !== "key" && name !== "value" && name !== "weight") throw badName(row, at, name, PAIR_NAMES);
  }
  if (isEmpty && isBuiltIn(row)) throw noRow(row, at, "{ key, value }");
}

/** Checks that row `at` of a call is an object with no names but `item` and `weight`. @throws as {@link checkPair}. */
export function checkItem(row: unknown, at: number): void {
  if (typeof row !== "object" || row === null) throw noRow(row, at, "{ item }");
  let isEmpty = true;
  for (const name in row) {
    isEmpty = false;
    if (name !== "item" && name !== "weight") throw badName(row, at, name, ITEM_NAMES);
  }
  if (isEmpty && isBuiltIn(row)) throw noRow(row, at, "{ item }");
}

/**
 * Checks what a function of the caller's has made of a row: an object with no names but those that are known. A name that is
 * passed over, as a misspelt weight, or a weight where there can be none, would be another row than was meant.
 *
 * @param path Where it stands, for messages and the path of the error.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function checkMade(
  row: unknown,
  path: readonly PropertyKey[],
  known: readonly string[],
  expected: string,
  advice?: string,
): void {
  if (typeof row !== "object" || row === null) throw refused(path, expected, row);
  for (const name in row) {
    if (known.includes(name)) continue;
    if (Array.isArray(row)) throw refused(path, expected, row);
    throw unknownOption(path, name, known, advice);
  }
}

/**
 * Checks that columns have no names but those that are known: misspelt weights would be weights of 1. An instance of
 * a class, such as a `Chunk`, may have more to it than its columns, but nothing that is nearly one which it lacks.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path `["columns", name]`.
 */
export function checkColumnNames(columns: unknown, known: readonly string[]): void {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    const advice = Array.isArray(columns)
      ? `${NOT_APPLIED}; of rows make a Z-set with from(…), or call insertAll(rows)`
      : NOT_APPLIED;
    throw refused(["columns"], `an object of columns { ${known.join(", ")} }`, columns, advice);
  }
  const lacking = isPlain(columns) ? known : known.filter((name) => !(name in columns));
  if (lacking.length === 0) return;
  for (const name of Object.keys(columns)) {
    if (known.includes(name) || (lacking !== known && nearest(name, lacking) === undefined)) continue;
    throw unknownOption(["columns"], name, known, NOT_APPLIED);
  }
}

/**
 * Checks that it can be enumerated: rows, keys. Text can, and is never meant.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path `[what]`.
 */
export function checkIterable(
  found: unknown,
  what: string,
  expected: string,
  advice: string,
): asserts found is Iterable<unknown> {
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: eachLater } = (found ?? {}) as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  if (typeof each === "function" && typeof found !== "string") return;
  const later = `${NOT_APPLIED}; wait for it first: for await (const … of it) all.push(…)`;
  throw refused([what], expected, found, typeof eachLater === "function" ? later : advice);
}

/**
 * Checks that what a function of the caller's gives can be enumerated: an array of results, a generator, text for its characters.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path `["result"]`.
 */
export function checkResults(results: unknown): asserts results is Iterable<unknown> {
  if (typeof (results as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === "function")
    return;
  throw refused(
    ["result"],
    "results in an array or another iterable",
    results,
    "give [result], or [] for none",
  );
}

/** Tells whether it is a promise, which is true whatever it is of. */
export function isPromise(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

function noRow(row: unknown, at: number, form: string): Error {
  return refused(["rows", at], `an object ${form}`, row, NOT_APPLIED);
}

function badName(row: object, at: number, name: string, known: readonly string[]): Error {
  if (Array.isArray(row)) return noRow(row, at, `{ ${known.slice(0, -1).join(", ")} }`);
  return unknownOption(["rows", at], name, known, NOT_APPLIED);
}
