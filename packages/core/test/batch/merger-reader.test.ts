import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf, type Layout } from "../../src/index.ts";
import { Batch, Merger, Staging } from "../../src/engine.ts";

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
