import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Chunk, layoutOf, type Layout } from "../../src/index.ts";
import { Batch, Merger, rangeFinder, Staging } from "../../src/engine.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

function batchOf(first: number, rows: number): Batch {
  const staging = new Staging(layout);
  for (let row = 0; row < rows; row++) staging.push(first + row, row, 1);
  return Batch.of(layout, staging.seal());
}

describe("Merger of a reader", () => {
  for (const rows of [1, 40]) {
    it(`takes in no more than it gives, of 200 batches of ${rows} rows that lie apart`, () => {
      const inputs = Array.from({ length: 200 }, (_, number) => ({ batch: batchOf(number * 100, rows) }));
      const merger = new Merger(layout, inputs, { views: true, partRows: 1 });
      expect(merger.rowsRead).toBeLessThanOrEqual(rows);
      let given = 0;
      for (let part = merger.next(); part !== undefined; part = merger.next()) {
        given += part.weights.length;
        expect(merger.rowsRead - given).toBeLessThanOrEqual(rows);
      }
      expect(given).toBe(200 * rows);
    });
  }
});

describe("Merger of a reader of text", () => {
  // Keys of one prefix, but for each batch another that is longer, so that heads have to be computed, a window at a time.
  const text: Layout<string, number> = layoutOf(z.string(), z.int32());
  const keyOf = (n: number): string => `user:${String(n).padStart(6, "0")}`;
  const stretches = [
    [0, 3000, 1],
    [2000, 900, 2],
    [2100, 700, -2],
    [2950, 10, 5],
  ] as const;
  const weights = new Map<string, number>();
  const inputs = stretches.map(([first, rows, weight]) => {
    const staging = new Staging(text);
    for (let n = first; n < first + rows; n++) {
      staging.push(keyOf(n), 1, weight);
      weights.set(keyOf(n), (weights.get(keyOf(n)) ?? 0) + weight);
    }
    return Batch.of(text, staging.seal());
  });
  const all = [...weights].filter(([, weight]) => weight !== 0).sort(([a], [b]) => (a < b ? -1 : 1));

  for (const reverse of [false, true]) {
    for (const partRows of [1, 7, 1000]) {
      it(`gives all rows of a range ${reverse ? "backwards" : "forwards"}, ${partRows} rows at a time`, () => {
        for (const gte of [undefined, keyOf(0), keyOf(2050), keyOf(2945), keyOf(5000)]) {
          const range = gte === undefined ? undefined : rangeFinder(text, { gte });
          const given = inputs.map((batch) => ({ batch, range }));
          const merger = new Merger(text, given, { views: true, partRows, reverse });
          const found: [string, number][] = [];
          for (let part = merger.next(); part !== undefined; part = merger.next())
            for (const row of new Chunk(text, part).rows()) found.push([row.key, row.weight]);
          const expected = all.filter(([key]) => gte === undefined || key >= gte);
          expect(found).toEqual(reverse ? expected.toReversed() : expected);
        }
      });
    }
  }
});
