import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type StoreEvents } from "../src/index.ts";

const SCHEMA = { key: z.int32(), value: z.string() };

describe("stats()", () => {
  it("counts rows, batches and bytes as they are", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMA);
    trace.insertAll([1, 2, 3].map((key) => ({ key, value: "four" })));
    expect(trace.stats()).toMatchObject({
      rows: 3,
      stagedRows: 3,
      batches: 0,
      uncommittedRows: 0,
      insertedRows: 3,
      totalWeight: 3,
    });
    // Of 8 rows: a head, a start and eight bytes of text, and a weight.
    expect(trace.stats().memory.staged).toBe(8 * (8 + 4 + 8 + 8) + 4);
    await trace.get(1);
    expect(trace.stats().stagedRows).toBe(3);
    await trace.count();
    const sealed = trace.stats();
    expect(sealed).toMatchObject({ rows: 3, stagedRows: 0, batches: 1, uncommittedRows: 3 });
    // Two heads, a start and four bytes of text, and a weight, a row; and where the slot begins and ends.
    const columns = 3 * (8 + 8 + 4 + 4 + 8) + 4;
    expect(sealed.memory).toMatchObject({ unwritten: columns, indexes: 2 * 8, scratch: 0, cached: 0 });
    expect(sealed.levels).toEqual([{ level: 0, batches: 1, rows: 3, bytes: columns + 2 * 8 }]);
    await store.commit();
    expect(trace.stats().uncommittedRows).toBe(0);
    expect(store.stats()).toMatchObject({
      head: 1,
      commits: 1,
      memory: { unwritten: columns, staged: sealed.memory.staged },
      traces: { t: { rows: 3 } },
    });
  });

  it("counts what merges read and wrote, and the amplification that comes of it", async () => {
    await using store = await openStore({ stagingRows: 1 });
    const trace = await store.trace("t", SCHEMA);
    const merges: StoreEvents["merge"][] = [];
    const off = store.on("merge", (event) => merges.push(event));
    for (let i = 0; i < 100; i++) trace.insert(i % 50, "x");
    await store.finishMerges();
    await store.compact();
    const stats = trace.stats();
    expect(stats.merges).toBe(merges.length);
    expect(stats.mergedRowsIn).toBe(merges.reduce((sum, { rowsIn }) => sum + rowsIn, 0));
    expect(stats.mergedRowsOut).toBe(merges.reduce((sum, { rowsOut }) => sum + rowsOut, 0));
    expect(stats.writeAmplification).toBe((100 + stats.mergedRowsOut) / 100);
    expect([stats.mergesInProgress, stats.memory.scratch, stats.rows]).toEqual([0, 0, 50]);
    off();
    trace.insert(1, "y");
    await store.compact();
    expect(trace.stats().merges).toBeGreaterThan(merges.length);
  });
});

describe("events", () => {
  it("L11 tell of commits, merges, discards and the end, until they are taken off", async () => {
    const store = await openStore({ stagingRows: 1 });
    const trace = await store.trace("t", SCHEMA);
    const told: [string, unknown][] = [];
    for (const name of ["commit", "discard", "close"] as const)
      store.on(name, (event) => told.push([name, event]));
    const off = store.on("commit", () => told.push(["twice", 0]));
    trace.insert(1, "a");
    await store.commit();
    off();
    trace.insert(2, "b");
    store.discard();
    await store.commit();
    await store.close();
    expect(told).toEqual([
      ["commit", { number: 1, rows: 1, calls: 1 }],
      ["twice", 0],
      ["discard", { rows: 1 }],
      ["commit", { number: 2, rows: 0, calls: 1 }],
      ["close", { discardedRows: 0 }],
    ]);
  });
});

describe("compact()", () => {
  it("L11 tells its progress and ends at a signal, leaving everything right", async () => {
    await using store = await openStore({ sliceMs: 0.1 });
    const trace = await store.trace("t", SCHEMA);
    for (let batch = 0; batch < 3; batch++) {
      const keys = Int32Array.from({ length: 60_000 }, (_, i) => i * 3 + batch);
      trace.insertBatch({ key: keys, value: Array.from(keys, String) });
    }
    await store.commit();
    const controller = new AbortController();
    const compacting = store.compact({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(compacting).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    expect((await trace.count()).rows).toBe(180_000);
    const progress: number[] = [];
    await store.compact({ onProgress: ({ batches }) => progress.push(batches) });
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toBe(1);
    expect(await trace.count()).toEqual({ rows: 180_000, rowsRead: 0 });
  });
});
