import { add, ZSet } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";

const SCHEMA = { key: z.int32(), value: z.int32() };

describe("Snapshot", () => {
  it("reads synchronously all that a trace reads, as it was", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMA);
    trace.insertAll([3, 1, 2].map((key) => ({ key, value: key * 10, weight: key })));
    using snapshot = trace.snapshot();
    trace.insert(9, 9);
    trace.insert(1, 10, -1);
    expect(snapshot.get(1)).toEqual([{ value: 10, weight: 1 }]);
    expect(snapshot.getMany([9, 3])).toEqual([[], [{ value: 30, weight: 3 }]]);
    expect([snapshot.has(1), snapshot.has(9), snapshot.weight(2, 20), snapshot.weight(2, 21)]).toEqual([
      true,
      false,
      2,
      0,
    ]);
    expect([snapshot.size, snapshot.totalWeight, snapshot.count().rows]).toEqual([3, 6, 3]);
    expect([...snapshot.rows({ reverse: true, limit: 2 })].map(({ key }) => key)).toEqual([3, 2]);
    expect([...snapshot.chunks({ gt: 1 })].flatMap((chunk) => Array.from(chunk.key))).toEqual([2, 3]);
    await expect(snapshot.load([1, 2])).resolves.toBeUndefined();
  });

  it("is gone when closed, more than once if need be, and lets go of its boundary", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMA);
    trace.insert(1, 1);
    const snapshot = trace.snapshot();
    const twin = trace.snapshot();
    expect(trace.stats().boundaries).toBe(1);
    snapshot.close();
    snapshot.close();
    expect(trace.stats().boundaries).toBe(1);
    twin.close();
    expect(trace.stats().boundaries).toBe(0);
    expect(() => snapshot.get(1)).toThrowError(expect.objectContaining({ code: "ZSPINE_CLOSED" }));
    await expect(snapshot.load([1])).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });

  it("semijoin() keeps the rows of the keys of a Z-set, their weights multiplied", async () => {
    await using store = await openStore({ stagingRows: 2 });
    const trace = await store.trace("t", SCHEMA);
    for (let i = 0; i < 20; i++) trace.insert(i % 5, i, 1);
    trace.insert(3, 3, -1);
    using snapshot = trace.snapshot();
    const keys = ZSet.from(z.int32(), [{ item: 3 }, { item: 4, weight: -2 }, { item: 9 }]);
    const expected = [...snapshot.rows()]
      .filter(({ key }) => key === 3 || key === 4)
      .map((row) => ({ ...row, weight: row.key === 4 ? -2 * row.weight : row.weight }));
    expect([...snapshot.semijoin(keys)]).toEqual(expected);
    expect(snapshot.semijoin(ZSet.empty(z.int32())).size).toBe(0);
    const other = ZSet.from(z.string(), [{ item: "3" }]);
    expect(() => snapshot.semijoin(other as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_SCHEMA" }),
    );
  });

  it("since() is the delta between two, either way round", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMA);
    trace.insertAll([
      { key: 1, value: 1 },
      { key: 2, value: 2 },
    ]);
    using a = trace.snapshot();
    trace.insertAll([
      { key: 1, value: 1, weight: -1 },
      { key: 3, value: 3, weight: 2 },
    ]);
    using b = trace.snapshot();
    expect([...b.since(a)]).toEqual([
      { key: 1, value: 1, weight: -1 },
      { key: 3, value: 3, weight: 2 },
    ]);
    expect(add(b.since(a), a.since(b)).size).toBe(0);
    expect(a.since(a).size).toBe(0);
    const other = await store.trace("other", SCHEMA);
    using c = other.snapshot();
    expect(() => a.since(c)).toThrowError(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
  });

  it("since() costs what changed, whatever is merged in between", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMA);
    const keys = Int32Array.from({ length: 100_000 }, (_, i) => i * 3);
    trace.insertBatch({ key: keys, value: keys });
    using before = trace.snapshot();
    for (let i = 0; i < 50; i++) {
      trace.insert(i * 1000, -i);
      await store.commit();
    }
    using after = trace.snapshot();
    await store.compact();
    using last = trace.snapshot();
    // What the delta is made of: batches that hold 50 rows in all, not 100,000.
    expect(last.since(before).size).toBe(50);
    const read = trace
      .stats()
      .levels.filter((level) => level.level < 5)
      .reduce((sum, level) => sum + level.rows, 0);
    expect(read).toBe(50);
    expect(after.since(before).size).toBe(50);
  });

  it("lets batches on both sides of it be merged, and all of them once it has gone", async () => {
    await using store = await openStore({ stagingRows: 1 });
    const trace = await store.trace("t", SCHEMA);
    for (let i = 0; i < 100; i++) trace.insert(i, i);
    const snapshot = trace.snapshot();
    for (let i = 0; i < 100; i++) trace.insert(i, -i - 1);
    await store.commit();
    await store.compact();
    expect(trace.stats().batches).toBe(2);
    snapshot.close();
    await store.compact();
    expect(trace.stats().batches).toBe(1);
  });
});
