import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LISTS, RANGE_ROWS, type Answers, type Found, type Pick } from "./answers.ts";
import { hasTextKeys, isDistinct, TEXT_BYTES, textOf, valueOf, wordOf, type Kind } from "./kind.ts";
import { mix } from "./mix.ts";
import { randomIntegers } from "./random-integers.ts";

/** Rows in the order in which they are inserted, as numbers. */
export interface NumberRows {
  readonly keys: Int32Array;
  readonly values: Int32Array;
  readonly weights: Int8Array;
}

/** Sorted rows, equal ones added up, none of weight 0. */
interface Sorted {
  readonly keys: Int32Array;
  readonly values: Int32Array;
  readonly weights: Int32Array;
  /** Every key once, ascending. */
  readonly distinctKeys: Int32Array;
  /** Rows that equal an earlier one. */
  readonly repeated: number;
}

/** Above every number of a value: a row is one number, exact below 2⁵³. */
const VALUES = 2 ** 24;

/**
 * Writes the files of a workload unless they are there: columns `keys`, `values` (`int32`, little-endian; text keys 13
 * bytes each) and `weights` (`int8`), the lists of keys to ask for, and `json`, the answers. The same bytes on every
 * machine. The answers come last, so that what was interrupted is written again.
 */
export function makeWorkload(folder: string, kind: Kind, n: number): void {
  const path = (what: string): string => join(folder, `${kind}-${n}.${what}`);
  if (existsSync(path("json"))) return;
  mkdirSync(folder, { recursive: true });
  const rows = drawRows(kind, n);
  const sorted = addUp(rows);
  const lists = drawLists(sorted.distinctKeys, n);
  writeFileSync(path("keys"), bytesOfKeys(kind, rows.keys));
  writeFileSync(path("values"), bytesOf(rows.values));
  writeFileSync(path("weights"), bytesOf(rows.weights));
  for (const [name, list] of Object.entries(lists))
    writeFileSync(path(`${name}.keys`), bytesOfKeys(kind, list));
  writeFileSync(path("new"), JSON.stringify(answersOf(kind, n, sorted, lists), undefined, 1));
  renameSync(path("new"), path("json"));
}

/** Draws `n` rows, the same for the same kind and `n`: keys are even numbers below 2 `n`, so that odd ones are absent. */
export function drawRows(kind: Kind, n: number): NumberRows {
  const random = randomIntegers(n);
  const keys = new Int32Array(n);
  const values = new Int32Array(n);
  const weights = new Int8Array(n);
  for (let row = 0; row < n; row++) {
    const number = 2 * random(n);
    keys[row] = number;
    // Few values a key, so that some rows are equal, but values from a wide range, so that they must be sorted.
    values[row] = isDistinct(kind) ? row : (Math.imul(number, 0x9e3779b1) >>> 12) + random(4);
    weights[row] = !isDistinct(kind) && random(8) === 0 ? -1 : 1;
  }
  return { keys, values, weights };
}

/** Adds up equal rows in the most obvious way: cells of key and value as one number, positive and negative ones sorted. */
export function addUp({ keys, values, weights }: NumberRows): Sorted {
  const n = keys.length;
  const cells = Float64Array.from({ length: n }, (_, row) => keys[row]! * VALUES + values[row]!);
  const positive = cells.filter((_, row) => weights[row]! > 0).sort();
  const negative = cells.filter((_, row) => weights[row]! < 0).sort();
  const found = { keys: new Int32Array(n), values: new Int32Array(n), weights: new Int32Array(n) };
  let rows = 0;
  let distinct = 0;
  for (let p = 0, m = 0; p < positive.length || m < negative.length;) {
    const cell = Math.min(positive[p] ?? Infinity, negative[m] ?? Infinity);
    let weight = 0;
    for (; positive[p] === cell; p++) weight++;
    for (; negative[m] === cell; m++) weight--;
    distinct++;
    if (weight === 0) continue;
    found.keys[rows] = Math.floor(cell / VALUES);
    found.values[rows] = cell % VALUES;
    found.weights[rows] = weight;
    rows++;
  }
  const sortedKeys = found.keys.subarray(0, rows);
  return {
    keys: sortedKeys,
    values: found.values.subarray(0, rows),
    weights: found.weights.subarray(0, rows),
    distinctKeys: sortedKeys.filter((key, row) => row === 0 || key !== sortedKeys[row - 1]),
    repeated: n - distinct,
  };
}

function drawLists(distinctKeys: Int32Array, n: number): Record<string, Int32Array> {
  const random = randomIntegers(n + 1);
  const draw = (): number => distinctKeys[random(distinctKeys.length)]!;
  const once = (most: number): Int32Array => {
    if (distinctKeys.length <= most) return distinctKeys;
    const chosen = new Set<number>();
    while (chosen.size < most) chosen.add(draw());
    return Int32Array.from(chosen);
  };
  const ways: Record<Pick, (most: number) => Int32Array> = {
    any: (most) => Int32Array.from({ length: most }, draw),
    absent: (most) => Int32Array.from({ length: most }, () => draw() + 1),
    once,
    ascending: (most) => once(most).toSorted(),
  };
  return Object.fromEntries(Object.entries(LISTS).map(([name, { most, pick }]) => [name, ways[pick](most)]));
}

function answersOf(kind: Kind, n: number, sorted: Sorted, lists: Record<string, Int32Array>): Answers {
  const { keys, values, weights, distinctKeys, repeated } = sorted;
  const word = (row: number): number => (wordOf(valueOf(kind, values[row]!)) + 1) * weights[row]!;
  let checksum = 0;
  let scan = 0;
  let sumOfValues = 0;
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row]!;
    checksum = mix(mix(mix(checksum, key), values[row]!), weights[row]!);
    scan += (hasTextKeys(kind) ? 48 + (key % 10) : key) + wordOf(valueOf(kind, values[row]!)) + weights[row]!;
    sumOfValues += word(row);
  }
  const find = (list: Int32Array, until: (first: number) => number): Found => {
    let rows = 0;
    let sum = 0;
    for (const key of list) {
      const first = firstNotBelow(keys, key);
      const end = until(first);
      for (let row = first; row < end; row++) sum += word(row);
      rows += end - first;
    }
    return { keys: list.length, rows, sum };
  };
  const ofKey = (list: Int32Array): Found => {
    let key = 0;
    // The rows of a key end where the next number begins; keys are looked for in the order of the list.
    const next = list[Symbol.iterator]();
    return find(list, () => {
      key = next.next().value!;
      return firstNotBelow(keys, key + 1);
    });
  };
  const found = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, ofKey(list)]));
  const ranges = find(lists["steps"]!, (first) => Math.min(keys.length, first + RANGE_ROWS));
  return {
    n,
    rows: keys.length,
    distinctKeys: distinctKeys.length,
    repeated: repeated / n,
    checksum: checksum >>> 0,
    scan,
    values: sumOfValues,
    found,
    ranges,
  };
}

function firstNotBelow(keys: Int32Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bytesOf(array: Int32Array | Int8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function bytesOfKeys(kind: Kind, numbers: Int32Array): Uint8Array {
  if (!hasTextKeys(kind)) return bytesOf(numbers);
  const bytes = Buffer.alloc(numbers.length * TEXT_BYTES);
  numbers.forEach((number, row) => bytes.write(textOf(number), row * TEXT_BYTES, "latin1"));
  return bytes;
}
