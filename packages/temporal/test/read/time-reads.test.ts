import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "@zspine/store";
import { temporalTrace } from "../../src/index.ts";

/** Rows that reads have to read over a history of so many times, of 50 keys, one changed at each. */
async function rowsRead(
  times: number,
  isFolded: boolean,
): Promise<{ asOf: number; changes: number; stored: number }> {
  await using store = await openStore({ stagingRows: 1 });
  const trace = await temporalTrace(store, "counters", { key: z.int32(), value: z.int32() });
  if (isFolded) trace.retain({ times: 1 });
  for (let time = 0; time < times; time++) {
    if (time >= 50) trace.insert(time, time % 50, time - 50, -1);
    trace.insert(time, time % 50, time);
    trace.advance(time + 1);
    await store.commit();
  }
  await store.finishMerges();
  using now = await trace.asOf(times - 1);
  using last = await trace.changes({ after: times - 2, until: times - 1 });
  const [whole, changed] = [await now.count(), await last.count()];
  expect([whole.rows, changed.rows]).toEqual([50, 2]);
  return { asOf: whole.rowsRead, changes: changed.rowsRead, stored: trace.size };
}

describe("reads of a temporal trace", () => {
  it("F9 as of a time cost what there is and is not folded, whatever the history was", async () => {
    const [few, many] = [await rowsRead(500, true), await rowsRead(5000, true)];
    expect(many.stored).toBeLessThanOrEqual(2 * few.stored + 256);
    expect(many.asOf).toBeLessThanOrEqual(2 * few.asOf + 256);
  });

  it("F9 of changes cost the batches whose times meet the interval", async () => {
    const { changes, stored } = await rowsRead(5000, false);
    expect(stored).toBe(9950);
    // As many rows as merge into one batch before they stand above the smallest.
    expect(changes).toBeLessThan(1024);
  });
});
