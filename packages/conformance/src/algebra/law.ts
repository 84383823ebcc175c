import { IndexedZSet, type Row } from "@zspine/core";
import { z } from "zod";
import type { SeededRandom } from "../random/seeded-random.ts";
import { ReferenceZSet } from "../reference/reference-zset.ts";
import { assertEqual } from "../assertion/assert-equal.ts";
import type { AlgebraUnderTest } from "./algebra-under-test.ts";

/** Z-sets of integers under integers. */
export type Integers = IndexedZSet<number, number>;
/** The same in the plainest way. */
export type PlainIntegers = ReferenceZSet<number, number>;

/** What a law is tried on: Z-sets by chance, small enough that keys meet and weights cancel. */
export interface Trial {
  readonly algebra: AlgebraUnderTest;
  readonly random: SeededRandom;
  readonly a: Integers;
  readonly b: Integers;
  readonly c: Integers;
}

/** A law of the algebra. */
export interface Law {
  readonly name: string;
  readonly holds: (trial: Trial) => void;
}

/** States a law, in the form of a test, so that the tools find the features that its name tells. */
export function test(name: string, holds: Law["holds"]): Law {
  return { name, holds };
}

const ROWS_MAX = 14;

/** Makes a Z-set by chance: keys 0 to 4, values −2 to 2, weights −3 to 3; now and then an empty one. */
export function randomIntegers(random: SeededRandom): Integers {
  const rows = Array.from({ length: random.int(0, ROWS_MAX) }, () => ({
    key: random.int(0, 4),
    value: random.int(-2, 2),
    weight: random.int(-3, 3),
  }));
  return integersOf(rows);
}

/** Makes a Z-set of rows. */
export function integersOf(rows: Iterable<Row<number, number>>): Integers {
  return IndexedZSet.from(z.int32(), z.int32(), rows);
}

/** Writes a Z-set in the plainest way, its weights times `factor`. */
export function plain(zset: Iterable<Row<number, number>>, factor = 1): PlainIntegers {
  const reference = new ReferenceZSet<number, number>({
    compareKeys: (x, y) => x - y,
    compareValues: (x, y) => x - y,
  });
  for (const { key, value, weight } of zset) reference.insert(key, value, weight * factor);
  return reference;
}

/** Asserts that a Z-set has these rows in order. */
export function assertRows(
  zset: Iterable<object>,
  expected: PlainIntegers | Iterable<object>,
  what: string,
): void {
  assertEqual([...zset], expected instanceof ReferenceZSet ? expected.rows() : [...expected], what);
}
