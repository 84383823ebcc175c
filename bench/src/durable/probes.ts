import type { Key } from "../data/dataset.ts";
import type { DurableFixture } from "./durable-fixture.ts";
import { keysOf, numberFrom, randomWords, weightOf } from "./rows.ts";

/** Keys to look up, with a value each, and what must be found. */
export interface DurableProbes {
  readonly keys: readonly Key[];
  readonly values: Int32Array;
  /** Sum of values and weights of all rows of all keys. */
  readonly got: number;
  /** Sum of the weights of key and value. */
  readonly weight: number;
}

/** Makes `count` probes in random order, all of rows that are there or of keys that are not. */
export function makeDurableProbes(fixture: DurableFixture, count: number, isPresent: boolean): DurableProbes {
  const random = randomWords(count);
  const rows = Array.from({ length: count }, () => Math.floor(((random() >>> 0) / 2 ** 32) * fixture.n));
  const values = Int32Array.from(rows, (row) => fixture.values[row]!);
  const numbers = isPresent
    ? Int32Array.from(rows, (row) => fixture.numbers[row]!)
    : absentNumbers(fixture, count, random);
  const keys: Key[] = [...keysOf(fixture.kind, numbers)];
  return { keys, values, ...find(fixture, numbers, values) };
}

/** Finds probes in the most obvious way: by going through all rows. */
function find(
  { n, numbers, values }: DurableFixture,
  wanted: Int32Array,
  wantedValues: Int32Array,
): { got: number; weight: number } {
  const probes = new Map<number, number[]>();
  wanted.forEach((number, probe) => {
    const known = probes.get(number);
    if (known === undefined) probes.set(number, [probe]);
    else known.push(probe);
  });
  let got = 0;
  let weight = 0;
  for (let row = 0; row < n; row++) {
    for (const probe of probes.get(numbers[row]!) ?? NONE) {
      got += values[row]! + weightOf(row);
      if (values[row] === wantedValues[probe]) weight += weightOf(row);
    }
  }
  return { got, weight };
}

const NONE: readonly number[] = [];

function absentNumbers({ kind, numbers }: DurableFixture, count: number, random: () => number): Int32Array {
  const found = new Set<number>();
  while (found.size < 2 * count) found.add(numberFrom(kind, random()));
  for (const number of numbers) found.delete(number);
  return Int32Array.from([...found].slice(0, count));
}
