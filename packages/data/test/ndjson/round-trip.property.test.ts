import { memory } from "@zspine/backend-memory";
import { equals } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { exportNdjson, importNdjson } from "../../src/index.ts";
import { NOTHING, rowsOf, SAMPLES, serializer, type Sample, type SampleRow } from "../sample/samples.ts";

const open = (): Promise<Store> => openStore({ backend: memory(), serializer });

async function roundTrips(
  key: Sample,
  value: Sample,
  rows: readonly SampleRow[],
  flat: boolean,
): Promise<void> {
  await using from = await open();
  await using to = await open();
  const schemas = { key: key.schema, value: value.schema };
  const before = await from.trace("rows", schemas);
  before.insertAll(rows as never);
  const after = await to.trace("rows", schemas);
  const fields = { key: "k", value: "v", weight: "w" };
  const report = await importNdjson(to, after, exportNdjson(before, { flat, fields }), { flat, fields });
  using was = before.snapshot();
  using is = after.snapshot();
  expect(equals(await was.zset(), await is.zset())).toBe(true);
  expect(report.rows).toBe((await before.count()).rows);
  expect(report.badRows).toBe(0);
}

describe("exportNdjson() and importNdjson()", () => {
  for (const sample of SAMPLES) {
    it(`O6 give back rows whose keys, or values, are of the type ${sample.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(sample, sample), fc.boolean(), async (rows, flat) => {
          const isOneObject = flat && sample.schema._zod.def.type === "object";
          await roundTrips(
            sample,
            isOneObject ? NOTHING : sample,
            isOneObject ? rows.map(without) : rows,
            flat,
          );
        }),
        { seed: 6, numRuns: 40 },
      );
    });
  }

  it("O6 give back the history of a temporal trace, times of rows and what is folded", async () => {
    const times = fc.integer({ min: -5, max: 5 });
    const row = fc.record({
      time: times,
      key: fc.integer({ min: 0, max: 3 }),
      weight: fc.constantFrom(1, -1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), times, async (rows, since) => {
        await using from = await open();
        await using to = await open();
        const schemas = { key: z.int32(), value: z.undefined() };
        const before = await temporalTrace(from, "rows", schemas);
        for (const { time, key, weight } of rows) before.insert(time, key, undefined, weight);
        before.advance(6);
        await from.commit();
        before.advanceSince(since);
        await from.commit();
        const after = await temporalTrace(to, "rows", schemas);
        await importNdjson(to, after, exportNdjson(before, { fields: { time: "at" } }), {
          fields: { time: "at" },
        });
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

function without({ key, weight }: SampleRow): SampleRow {
  return { key, value: undefined, weight };
}
