import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { file } from "@zspine/backend-file";
import { systemEnvironment, ZSet, type Environment } from "@zspine/core";
import { openStore } from "@zspine/store";
import { temporalTrace } from "../../src/index.ts";
import { filled, schema, setPrice } from "../sample.ts";

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
  it("F20 join with the rows of many keys, as of a time and of what has changed, of a store that has to wait for them too", async () => {
    const location = await mkdtemp(join(tmpdir(), "joins-"));
    const numbers = { key: z.int32(), value: z.int32() };
    {
      await using store = await openStore({ backend: file({ location }) });
      const trace = await temporalTrace(store, "counters", numbers);
      const plain = await store.trace("plain", numbers);
      for (let time = 0; time < 4; time++) {
        const key = Int32Array.from({ length: 30_000 }, (_, at) => at);
        trace.insertBatch(time, { key, value: key.map((one) => one * 10 + time) });
        plain.insertBatch({ key, value: key.map((one) => one * 10 + time) });
        trace.advance(time + 1);
        await store.commit();
      }
    }
    await using store = await openStore({ backend: file({ location }), cacheBytes: 0 });
    const trace = await temporalTrace(store, "counters", numbers);
    const plain = await store.trace("plain", numbers);
    const keys = ZSet.from(z.int32(), [{ item: 29_999 }, { item: 3, weight: -2 }, { item: 70_000 }]);
    const joined = (times: readonly number[]): unknown =>
      [3, 29_999].flatMap((key) =>
        times.map((time) => ({ key, value: key * 10 + time, weight: key === 3 ? -2 : 1 })),
      );
    using then = await trace.asOf(2);
    expect([...(await then.semijoin(keys))]).toEqual(joined([0, 1, 2]));
    expect([...then.now.semijoin(keys)]).toEqual(joined([0, 1, 2]));
    using changed = await trace.changes({ after: 1, until: 3 });
    expect([...(await changed.semijoin(keys))]).toEqual(joined([2, 3]));
    expect([...(await plain.semijoin(keys))]).toEqual(joined([0, 1, 2, 3]));
    const other = ZSet.from(z.string(), []);
    await expect(then.semijoin(other as never)).rejects.toMatchObject({ code: "ZSPINE_SCHEMA" });
    await expect(then.semijoin([3] as never)).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
    await rm(location, { recursive: true });
  });

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

  it("TT2 F16 beside a writer refuse what was folded while they waited for it", async () => {
    const location = await mkdtemp(join(tmpdir(), "reads-"));
    const backend = file({ location });
    const writer = await filled(2, { backend });
    // Looks for other heads when it is let, lest it find one that is between.
    const looks: (() => void)[] = [];
    let isLet = false;
    const system = systemEnvironment();
    const schedule: Environment["schedule"] = (task, delayMs) => {
      if (isLet) return system.schedule(task, delayMs);
      looks.push(task);
      return () => undefined;
    };
    const store = await openStore({ backend, readOnly: true, environment: { ...system, schedule } });
    const prices = await temporalTrace(store, "prices", schema);
    const waiting = [prices.asOf(3, { wait: true }), prices.changes({ after: 1, until: 3, wait: true })];
    for (let time = 2; time < 8; time++) await setPrice(writer, time);
    writer.prices.advanceSince(6);
    await writer.store.commit();
    isLet = true;
    for (const look of looks) look();
    for (const found of await Promise.allSettled(waiting))
      expect(found).toMatchObject({ reason: { code: "ZSPINE_TIME_PASSED", cause: { least: 6 } } });
    await store.close();
    await writer.store.close();
    await rm(location, { recursive: true });
  });
});
