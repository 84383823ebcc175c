import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { Batch, Merger, rowReader, Staging, type Part } from "../../src/engine.ts";
import { PART_BYTES } from "../../src/batch/part.ts";

const SEED = 20261122;

const layout: Layout<string, { n: number; t: string }> = layoutOf(
  z.string(),
  z.object({ n: z.int32(), t: z.string() }),
);

type Row = readonly [key: string, n: number, t: string, weight: number];

const text = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "a\0",
    "user-1",
    "user-10",
    "user-2",
    "user-000001",
    "user-000002",
    "é",
    "😀",
    "\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const row: fc.Arbitrary<Row> = fc.tuple(
  text,
  fc.integer({ min: -2, max: 2 }),
  text,
  fc.integer({ min: -3, max: 3 }),
);

function batchOf(rows: readonly Row[]): Batch<string, { n: number; t: string }> {
  const staging = new Staging(layout);
  for (const [key, n, t, weight] of rows) staging.push(key, { n, t }, weight);
  return Batch.of(layout, staging.seal());
}

function read(parts: readonly Part[]): Row[] {
  return parts.flatMap((part) => {
    const key = rowReader(layout.key, part.columns);
    const value = rowReader(layout.value, part.columns) as (row: number) => { n: number; t: string };
    return [...part.weights].map((weight, at): Row => [key(at) as string, value(at).n, value(at).t, weight]);
  });
}

function reference(rows: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const [key, n, t, weight] of rows) {
    const id = JSON.stringify([key, n, t]);
    sums.set(id, [key, n, t, (sums.get(id)?.[3] ?? 0) + weight]);
  }
  return [...sums.values()].filter((sum) => sum[3] !== 0).sort(compare);
}

const points = (value: string): number[] => Array.from(value, (char) => char.codePointAt(0)!);

function compareText(a: string, b: string): number {
  const x = points(a);
  const y = points(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

function compare(a: Row, b: Row): number {
  return compareText(a[0], b[0]) || a[1] - b[1] || compareText(a[2], b[2]);
}

const whole = (batches: readonly Batch[]) => batches.map((batch) => ({ batch, from: 0, to: batch.length }));

describe("Merger", () => {
  const property = (reverse: boolean) =>
    fc.property(
      fc.array(fc.array(row, { maxLength: 40 }), { minLength: 0, maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (inputs, fuel, partRows) => {
        const merger = new Merger(layout, whole(inputs.map(batchOf)), { reverse, partRows });
        for (let slices = 0; !merger.isDone; slices++) {
          merger.work(fuel);
          expect(slices).toBeLessThan(1000);
        }
        const expected = reference(inputs.flat());
        expect(read(merger.take())).toEqual(reverse ? expected.reverse() : expected);
      },
    );

  it("adds its inputs up in order whatever the fuel and the size of parts", () => {
    fc.assert(property(false), { seed: SEED, numRuns: 500 });
  });

  it("adds its inputs up in descending order when reversed", () => {
    fc.assert(property(true), { seed: SEED, numRuns: 300 });
  });

  it("ends where one row is larger than a part may be", () => {
    const large = (keys: readonly string[]) =>
      batchOf(keys.map((key) => [key, 1, key.repeat(PART_BYTES + 1), 1]));
    const merger = new Merger(layout, whole([large(["a", "c"]), large(["b", "d"])]));
    for (let slices = 0; !merger.isDone; slices++) {
      merger.work(1);
      expect(slices).toBeLessThan(20);
    }
    const merged = read(merger.take());
    expect(merged.map(([key, , t]) => [key, t.length])).toEqual(
      ["a", "b", "c", "d"].map((key) => [key, PART_BYTES + 1]),
    );
  });
});

describe("Merger of large rows", () => {
  it("puts out parts of about the bytes that a part may have", () => {
    const large = "x".repeat(PART_BYTES / 8);
    const of = (rest: number) =>
      batchOf(
        Array.from({ length: 12 }, (_, n): Row => [`${String(n * 2 + rest).padStart(3, "0")}`, 1, large, 1]),
      );
    const merger = new Merger(layout, whole([of(0), of(1)]));
    merger.work(Infinity);
    const parts = merger.take();
    expect(parts.reduce((rows, { weights }) => rows + weights.length, 0)).toBe(24);
    for (const part of parts) expect(part.bytes).toBeLessThan(2 * PART_BYTES);
  });
});

describe("Batch", () => {
  it("search() and gallop() find what a linear search finds", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 60 }),
        row,
        fc.constantFrom(0, 1),
        fc.nat(60),
        (rows, [key, n, t], above, from) => {
          const batch = batchOf(rows);
          const probe = batchOf([[key, n, t, 1]]).parts[0]!;
          const listed = read(batch.parts);
          for (const columns of [1, 3]) {
            const at = (other: Row): number =>
              columns === 1 ? compareText(other[0], key) : compare(other, [key, n, t, 1]);
            const found = listed.findIndex((other) => (above === 1 ? at(other) > 0 : at(other) >= 0));
            const expected = found === -1 ? listed.length : found;
            expect(batch.search(probe, 0, columns, above)).toBe(expected);
            if (from <= expected) expect(batch.gallop(probe, 0, columns, above, from)).toBe(expected);
          }
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });
});
