import { IndexedZSet, ZSet } from "@zspine/core";
import { recording } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Trace } from "../src/index.ts";

const POINT = { key: z.int32(), value: z.object({ x: z.int32(), t: z.string() }) };

async function* counted(trace: Trace<number, number>): AsyncGenerator<number> {
  for await (const { key } of trace.rows()) yield key;
}

describe("insertBatch()", () => {
  it("takes columns laid out as the schema is, typed or plain, with weights or without", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    trace.insertBatch({ key: [2, 1], value: { x: Int32Array.of(20, 10), t: ["b", "a"] } });
    trace.insertBatch({ key: Int32Array.of(1, 3), value: { x: [10, 30], t: ["a", "c"] }, weight: [2, 0] });
    using snapshot = trace.snapshot();
    expect([...snapshot.rows()]).toEqual([
      { key: 1, value: { x: 10, t: "a" }, weight: 3 },
      { key: 2, value: { x: 20, t: "b" }, weight: 1 },
    ]);
  });

  it("takes the chunks of another trace as they are", async () => {
    await using store = await openStore();
    const from = await store.trace("from", POINT);
    const to = await store.trace("to", POINT);
    from.insertAll([5, 3, 3].map((key) => ({ key, value: { x: key, t: `t${key}` }, weight: -2 })));
    for await (const chunk of from.chunks()) to.insertBatch(chunk);
    using a = from.snapshot();
    using b = to.snapshot();
    expect([...b.rows()]).toEqual([...a.rows()]);
  });

  it("pays for merges with each Z-set that it takes by reference, so that batches stay few", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    for (let key = 0; key < 300; key++)
      trace.insertBatch(IndexedZSet.from(POINT.key, POINT.value, [{ key, value: { x: key, t: "a" } }]));
    expect(trace.stats().batches).toBeLessThan(40);
  });

  it("takes a Z-set by reference, and refuses one of another schema", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    const zset = IndexedZSet.from(POINT.key, POINT.value, [{ key: 1, value: { x: 1, t: "a" }, weight: 3 }]);
    trace.insertBatch(zset);
    trace.insertBatch(zset);
    expect(await trace.weight(1, { x: 1, t: "a" })).toBe(6);
    const other = IndexedZSet.from(z.int32(), z.object({ t: z.string(), x: z.int32() }), [
      { key: 1, value: { t: "a", x: 1 } },
    ]);
    expect(() => trace.insertBatch(other)).toThrowError(expect.objectContaining({ code: "ZSPINE_SCHEMA" }));
  });

  it("applies nothing of columns that are wrong, naming the column", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    const refused: readonly [unknown, string, readonly unknown[]][] = [
      [{ key: [1], value: { x: [1, 2], t: ["a"] } }, "ZSPINE_INVALID_OPTIONS", ["value", "x"]],
      [{ key: [1], value: { x: [1] } }, "ZSPINE_INVALID_OPTIONS", ["value", "t"]],
      [{ key: [1], value: [1] }, "ZSPINE_INVALID_OPTIONS", ["value"]],
      [{ key: 1, value: { x: [1], t: ["a"] } }, "ZSPINE_INVALID_OPTIONS", ["key"]],
      [{ key: [1, 2], value: { x: [1, 2.5], t: ["a", "b"] } }, "ZSPINE_INVALID_OPTIONS", ["value", "x"]],
      [
        { key: Float64Array.of(1, 2 ** 31), value: { x: [1, 2], t: ["a", "b"] } },
        "ZSPINE_INVALID_OPTIONS",
        ["key"],
      ],
      [
        { key: [1, 2], value: { x: [1, 2], t: ["a", "b"] }, weight: [1] },
        "ZSPINE_INVALID_OPTIONS",
        ["weight"],
      ],
      [
        { key: [1, 2], value: { x: [1, 2], t: ["a", "b"] }, weight: [1, 0.5] },
        "ZSPINE_WEIGHT_RANGE",
        ["weight"],
      ],
    ];
    for (const [columns, code, path] of refused) {
      expect(() => trace.insertBatch(columns as never)).toThrowError(expect.objectContaining({ code, path }));
    }
    expect([trace.size, trace.totalWeight]).toEqual([0, 0]);
  });
});

describe("insert()", () => {
  it("A8 refuses a weight, a sum or a total beyond 2^53 − 1, applies nothing, and goes on", async () => {
    await using store = await openStore({ stagingRows: 2 });
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    const most = Number.MAX_SAFE_INTEGER;
    const refused = expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" });
    trace.insert(1, "a", most);
    for (const weight of [1, most]) expect(() => trace.insert(1, "a", weight)).toThrowError(refused);
    for (const weight of [0.5, NaN, most + 1, 2n ** 63n]) {
      expect(() => trace.insert(1, "a", weight as number)).toThrowError(refused);
    }
    expect(() => trace.insert(2, "b", 1)).toThrowError(refused);
    trace.insert(1, "b", -most);
    expect(() => trace.insert(1, "b", -1)).toThrowError(refused);
    expect(() =>
      trace.insertAll([
        { key: 5, value: "x" },
        { key: 1, value: "b", weight: -1 },
      ]),
    ).toThrowError(refused);
    expect(await trace.get(5)).toEqual([]);
    trace.insert(1, "a", -1);
    trace.insert(1, "b", 1);
    expect(await trace.get(1)).toEqual([
      { value: "a", weight: most - 1 },
      { value: "b", weight: 1 - most },
    ]);
    await store.commit();
    await store.compact();
    expect(await trace.weight(1, "a")).toBe(most - 1);
    expect(trace.totalWeight).toBe(0);
  });

  it("A8 sums weights exactly where sums on the way leave the range and come back", async () => {
    await using store = await openStore({ stagingRows: 1 });
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    const most = Number.MAX_SAFE_INTEGER;
    for (const weight of [-most, most, most - 1]) trace.insert(1, "a", weight);
    trace.insert(1, "a", 1);
    expect(await trace.weight(1, "a")).toBe(most);
    expect(await trace.get(1)).toEqual([{ value: "a", weight: most }]);
    await store.compact();
    using snapshot = trace.snapshot();
    expect([...snapshot.rows()]).toEqual([{ key: 1, value: "a", weight: most }]);
    expect(() => trace.insert(1, "a")).toThrowError(expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }));
  });

  it("A10 reads nothing from the backend nor from what is there", async () => {
    const backend = recording(memory());
    await using store = await openStore({ backend, stagingRows: 10 });
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const before = backend.counts();
    for (let i = 0; i < 1000; i++) trace.insert(i % 100, i % 7, i % 3 === 0 ? -1 : 1);
    await store.commit();
    const after = backend.counts();
    expect([after.get.calls - before.get.calls, after.readHead.calls - before.readHead.calls]).toEqual([
      0, 0,
    ]);
    expect(trace.stats().lookups).toEqual({ filtered: 0, indexed: 0, searched: 0 });
  });
});

describe("reading", () => {
  it("keeps 10^6 distinct values under one key apart", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const count = 1_000_000;
    trace.insertBatch({
      key: new Int32Array(count).fill(7),
      value: Int32Array.from({ length: count }, (_, i) => i * 31),
    });
    trace.insertBatch({ key: [6, 8], value: [1, 1] });
    expect((await trace.count({ gte: 7, lte: 7 })).rows).toBe(count);
    expect((await trace.get(7)).length).toBe(count);
    expect(await trace.weight(7, 31 * 999_999)).toBe(1);
    expect(await trace.weight(7, 31 * 999_999 + 1)).toBe(0);
  });

  it("B3 finds keys by search at first, then by index in constant steps, and absent ones by the filter", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const keys = Int32Array.from({ length: 20_000 }, (_, i) => i * 2);
    trace.insertBatch({ key: keys, value: keys });
    await store.compact();
    using snapshot = trace.snapshot();
    for (let i = 0; i < 5000; i++) snapshot.get(i * 2);
    const warmed = trace.stats().lookups;
    expect(warmed.searched).toBeLessThan(1500);
    for (let i = 0; i < 5000; i++) expect(snapshot.has(i * 2 + 1)).toBe(false);
    const absent = trace.stats().lookups;
    expect(absent.searched).toBe(warmed.searched);
    expect(absent.filtered - warmed.filtered).toBeGreaterThan(4700);
    for (let i = 0; i < 5000; i++) expect(snapshot.get(i * 2)).toEqual([{ value: i * 2, weight: 1 }]);
  });

  it("B5 is not disturbed by what is inserted and merged meanwhile", async () => {
    await using store = await openStore({ stagingRows: 50 });
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    for (let i = 0; i < 1000; i++) trace.insert(i, i);
    const seen: number[] = [];
    for await (const key of counted(trace)) {
      seen.push(key);
      if (key % 100 !== 0) continue;
      trace.insert(key + 5, -1);
      trace.insert(key + 6, key + 6, -1);
      await store.commit();
      await store.compact();
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it("B6 may be enumerated again, sees what is there then, and holds nothing when left early", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    trace.insertAll([1, 2, 3].map((key) => ({ key, value: key })));
    const rows = trace.rows({ gte: 2 });
    for await (const { key } of rows) {
      expect(key).toBe(2);
      break;
    }
    trace.insert(4, 4);
    const keys: number[] = [];
    for await (const { key } of rows) keys.push(key);
    expect(keys).toEqual([2, 3, 4]);
    expect(trace.stats().boundaries).toBe(0);
  });

  it("ends with ZSPINE_ABORTED when its signal fires, before or between chunks", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    const keys = Int32Array.from({ length: 50_000 }, (_, i) => i);
    trace.insertBatch({ key: keys, value: keys });
    const aborted = { code: "ZSPINE_ABORTED" };
    const signal = AbortSignal.abort("enough");
    await expect(trace.get(1, { signal })).rejects.toMatchObject(aborted);
    await expect(trace.count({}, { signal })).rejects.toMatchObject(aborted);
    const controller = new AbortController();
    const chunks = trace.chunks({}, { signal: controller.signal })[Symbol.asyncIterator]();
    await chunks.next();
    controller.abort();
    await expect(chunks.next()).rejects.toMatchObject(aborted);
  });

  it("refuses ranges that it does not know, naming the bound", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.tuple([z.int32(), z.string()]), value: z.int32() });
    const refused: readonly [unknown, readonly unknown[]][] = [
      [null, ["range"]],
      [{ from: 1 }, ["range", "from"]],
      [{ limit: -1 }, ["range", "limit"]],
      [{ limit: 1.5 }, ["range", "limit"]],
      [{ reverse: 1 }, ["range", "reverse"]],
    ];
    for (const [range, path] of refused) {
      expect(() => trace.rows(range as never)).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path }),
      );
    }
    const late: readonly [unknown, readonly unknown[]][] = [
      [{ gte: [1] }, ["range", "gte", "key", 1]],
      [{ lt: 7 }, ["range", "lt", "key"]],
      [{ prefix: ["x"] }, ["range", "prefix", "key", 0]],
      [{ prefix: [1, "a", 2] }, ["range", "prefix"]],
    ];
    using snapshot = trace.snapshot();
    for (const [range, path] of late) {
      await expect(trace.count(range as never)).rejects.toMatchObject({
        code: "ZSPINE_INVALID_OPTIONS",
        path,
      });
      expect(() => [...snapshot.rows(range as never)]).toThrowError(expect.objectContaining({ path }));
    }
  });
});

describe("only a Z-set is taken for one", () => {
  const zset = IndexedZSet.from(z.int32(), z.string(), [{ key: 1, value: "a" }]);
  const keys = ZSet.from(z.int32(), [{ item: 1 }]);
  const others: readonly (readonly [string, unknown])[] = [
    ["what has a batch, and another total", { batch: zset.batch, totalWeight: 77 }],
    ["what has a batch without columns", { batch: { layout: {} } }],
    ["what has a fingerprint", { batch: { layout: { fingerprint: zset.layout.fingerprint } } }],
    [
      "one of another copy of the library",
      { batch: zset.batch, layout: zset.layout, size: 1, totalWeight: 1 },
    ],
  ];
  const refused = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" });

  it.each(others)("%s", async (_, found) => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    expect(() => trace.insertBatch(found as never)).toThrowError(refused);
    expect(() => trace.now.semijoin(found as never)).toThrowError(refused);
    expect([trace.size, trace.totalWeight]).toEqual([0, 0]);
  });

  it("an indexed Z-set is none of keys, and one of items none of rows", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", { key: z.int32(), value: z.string() });
    trace.insertBatch(zset);
    expect(() => trace.now.semijoin(zset as never)).toThrowError(refused);
    expect(() => trace.insertBatch(keys as never)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_SCHEMA" }),
    );
    expect(trace.now.semijoin(keys).totalWeight).toBe(1);
  });
});

describe("insert()", () => {
  it("A8 refuses the first unit that a row cannot have any more, also after a discard", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    const value = { x: 1, t: "a" };
    trace.insert(1, value, Number.MAX_SAFE_INTEGER);
    trace.insert(2, value, -2);
    await store.commit();
    trace.insert(3, value);
    expect(store.discard()).toBe(1);
    expect(() => trace.insert(1, value, 1)).toThrow(expect.objectContaining({ code: "ZSPINE_WEIGHT_RANGE" }));
    expect(await trace.weight(1, value)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("L2 stages no more than 16 MiB, however few the rows", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", POINT);
    for (let key = 0; key < 24; key++) trace.insert(key, { x: key, t: "x".repeat(2 ** 20) });
    expect(trace.stats().stagedRows).toBeLessThan(24);
  });
});

describe("trace.now", () => {
  it("refuses to read once the store is closed, ZSPINE_CLOSED", async () => {
    const store = await openStore();
    const trace = await store.trace("t", POINT);
    trace.insert(1, { x: 1, t: "a" });
    const { now } = trace;
    expect(now.get(1)).toHaveLength(1);
    await store.close();
    const closed = expect.objectContaining({ code: "ZSPINE_CLOSED" });
    expect(() => now.get(1)).toThrow(closed);
    expect(() => now.size).toThrow(closed);
    expect(() => [...now.rows()]).toThrow(closed);
  });
});
