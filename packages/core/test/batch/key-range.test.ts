import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type KeyBounds, type Layout } from "../../src/index.ts";
import { Batch, rangeFinder, readRow, slicePart, Staging, type Part } from "../../src/engine.ts";

const SEED = 20261130;

/** A batch of keys, each of several values, in slots of so many rows. */
function cut<K>(layout: Layout<K, number>, keys: readonly K[], size: number): Batch<K, number> {
  const staging = new Staging(layout);
  keys.forEach((key, at) => {
    staging.push(key, at % 3, 1);
  });
  const parts: Part[] = [];
  for (const whole of staging.seal())
    for (let from = 0; from < whole.weights.length; from += size)
      parts.push(slicePart(whole, from, Math.min(from + size, whole.weights.length)));
  return Batch.of(layout, parts);
}

function keysOf<K>({ key }: Layout<K, number>, part: Part): K[] {
  return Array.from(part.weights, (_, row) => readRow(key, part.columns, row) as K);
}

/** Holds what a finder says against the keys that are not below the range, and those that are not above. */
function checkFinder<K>(
  batch: Batch<K, number>,
  bounds: KeyBounds<K>,
  isNotBelow: (key: K) => boolean,
  isNotAbove: (key: K) => boolean,
): void {
  const { layout } = batch;
  const finder = rangeFinder(layout, bounds);
  const { from, to } = finder.slots(batch);
  batch.parts.forEach((part, slot) => {
    const keys = keysOf(layout, part);
    const mayHold = keys.some(isNotBelow) && keys.some(isNotAbove);
    expect(from <= slot && slot < to).toBe(mayHold);
    const rows = finder.rows(part);
    expect(keys.slice(rows.from, rows.to)).toEqual(keys.filter((key) => isNotBelow(key) && isNotAbove(key)));
  });
  expect(from).toBeLessThanOrEqual(to);
}

describe("rangeFinder()", () => {
  it("refuses bytes as a prefix of texts, and a text as one of bytes", () => {
    const refusal = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" });
    const texts = layoutOf(z.string(), z.int32());
    const bytes = layoutOf(z.instanceof(Uint8Array), z.int32());
    expect(() => rangeFinder(texts, { prefix: Uint8Array.of(97) as never })).toThrow(refusal);
    expect(() => rangeFinder(bytes, { prefix: "a" as never })).toThrow(refusal);
  });

  const numbers = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
  const bound = fc.option(fc.integer({ min: -1, max: 41 }), { nil: undefined, freq: 2 });
  const size = fc.integer({ min: 1, max: 7 });

  it("finds the rows within bounds, and of slots those with rows on both sides of them", () => {
    const layout = layoutOf(z.int32(), z.int32());
    const bounds = fc.record({ gt: bound, gte: bound, lt: bound, lte: bound });
    fc.assert(
      fc.property(numbers, size, bounds, (keys, rows, { gt, gte, lt, lte }) => {
        const given = { gt, gte, lt, lte } as KeyBounds<number>;
        checkFinder(
          cut(layout, keys, rows),
          given,
          (key) => key > (gt ?? -Infinity) && key >= (gte ?? -Infinity),
          (key) => key < (lt ?? Infinity) && key <= (lte ?? Infinity),
        );
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("finds the texts that begin with a prefix, and the tuples whose first items are given", () => {
    const texts = layoutOf(z.string(), z.int32());
    const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{10ffff}"), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), size, text, (keys, rows, prefix) => {
        checkFinder(
          cut(texts, keys, rows),
          { prefix },
          (key) => key.startsWith(prefix) || key > prefix,
          (key) => key.startsWith(prefix) || key < prefix,
        );
      }),
      { seed: SEED, numRuns: 200 },
    );
    const pairs = layoutOf(z.tuple([z.int32(), z.int32()]), z.int32());
    fc.assert(
      fc.property(numbers, size, fc.integer({ min: -1, max: 7 }), (keys, rows, first) => {
        checkFinder(
          cut(
            pairs,
            keys.map((key): [number, number] => [key % 7, key]),
            rows,
          ),
          { prefix: [first] },
          (key) => key[0] >= first,
          (key) => key[0] <= first,
        );
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
