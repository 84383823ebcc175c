import { memory } from "@zspine/backend-memory";
import { equals } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { exportColumns, importColumns, type ColumnTable } from "../../src/index.ts";
import { NOTHING, rowsOf, SAMPLES, serializer, type Sample, type SampleRow } from "../sample/samples.ts";

const open = (): Promise<Store> => openStore({ backend: memory(), serializer });

async function roundTrips(
  key: Sample,
  value: Sample,
  rows: readonly SampleRow[],
  tableRows: number,
): Promise<void> {
  await using from = await open();
  await using to = await open();
  const schemas = { key: key.schema, value: value.schema };
  const before = await from.trace("rows", schemas);
  before.insertAll(rows as never);
  const after = await to.trace("rows", schemas);
  const tables: ColumnTable[] = [];
  // Plain data: it can be posted to a worker.
  for await (const table of exportColumns(before, { tableRows })) tables.push(structuredClone(table));
  const report = await importColumns(to, after, tables);
  using was = before.snapshot();
  using is = after.snapshot();
  expect(equals(await was.zset(), await is.zset())).toBe(true);
  const { rows: count } = await before.count();
  expect(report.rows).toBe(count);
  expect(tables.map(({ rows: some }) => some)).toEqual(
    Array.from({ length: Math.ceil(count / tableRows) }, (_, at) =>
      Math.min(tableRows, count - at * tableRows),
    ),
  );
}

describe("exportColumns() and importColumns()", () => {
  for (const sample of SAMPLES) {
    it(`O6 give back rows whose keys, and values, are of the type ${sample.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(sample, sample), fc.integer({ min: 1, max: 14 }), async (rows, tableRows) =>
          roundTrips(sample, sample, rows, tableRows),
        ),
        { seed: 6, numRuns: 40 },
      );
    });
  }

  it("O6 give back rows of keys only", async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(SAMPLES[0]!, NOTHING), async (rows) =>
        roundTrips(SAMPLES[0]!, NOTHING, rows, 5),
      ),
      { seed: 6, numRuns: 20 },
    );
  });

  it("O6 give back the history of a temporal trace", async () => {
    const times = fc.integer({ min: -5, max: 5 });
    const row = fc.record({
      time: times,
      key: fc.integer({ min: 0, max: 3 }),
      weight: fc.constantFrom(1, -1),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), times, async (rows, since) => {
        await using from = await open();
        await using to = await open();
        const schemas = { key: z.int32(), value: z.string().optional() };
        const before = await temporalTrace(from, "rows", schemas);
        for (const { time, key, weight } of rows)
          before.insert(time, key, key === 1 ? "one" : undefined, weight);
        before.advance(6);
        await from.commit();
        before.advanceSince(since);
        await from.commit();
        const after = await temporalTrace(to, "rows", schemas);
        await importColumns(to, after, exportColumns(before, { tableRows: 3 }));
        after.advance(6);
        await to.commit();
        for (let time = since; time < 6; time++) {
          using was = await before.asOf(time);
          using is = await after.asOf(time);
          expect(equals(await was.zset(), await is.zset())).toBe(true);
        }
      }),
      { seed: 6, numRuns: 40 },
    );
  });
});
