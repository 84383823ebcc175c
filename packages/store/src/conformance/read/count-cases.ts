import { assert, assertEqual, assertSame, chaos, type FaultPlan } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type NumberTrace } from "../suite/store-fixture.ts";

/** Counts without lies, and statistics that are counted. */
export const countCases: readonly StoreCase[] = [
  test(
    "B12 D6 totalWeight is exact and size no fewer than the rows, at every step, and neither looks anything up",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 6 });
      const model = new Map<string, number>();
      let total = 0;
      for (let step = 0; step < 150; step++) {
        const [key, weight] = [fixture.random.int(0, 9), fixture.random.int(-3, 3)];
        trace.insert(key, "v", weight);
        model.set(`${key}`, (model.get(`${key}`) ?? 0) + weight);
        total += weight;
        if (step % 20 === 19) await store.commit();
        const rows = [...model.values()].filter((sum) => sum !== 0).length;
        assertSame(trace.totalWeight, total, `totalWeight at step ${step}`);
        assert(trace.size >= rows, `size at step ${step}: expected at least ${rows}, found ${trace.size}`);
      }
      assertEqual(trace.stats().lookups, { filtered: 0, indexed: 0, searched: 0 }, "stats().lookups");
    },
    { isSeeded: true },
  ),

  test("B12 count() is exact, and free once compact() has made one batch", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 10 });
    for (let index = 0; index < 100; index++) trace.insert(index % 30, "v", index < 90 ? 1 : -3);
    const before = await trace.count();
    assertSame(before.rows, 20, "rows before");
    assert(before.rowsRead >= 20, `expected that counting many batches reads rows, found ${before.rowsRead}`);
    await store.commit();
    await store.compact();
    assertEqual(await trace.count(), { rows: 20, rowsRead: 0 }, "count() after compact()");
    assertEqual(await trace.count({ gte: 15, lt: 19 }), { rows: 4, rowsRead: 0 }, "count() of a range");
    assertSame(trace.size, 20, "size is exact as well");
  }),

  test("B12 count() of ranges counts what rows() gives", async (fixture) => {
    const { trace } = await fixture.openTrace({ stagingRows: 7 });
    for (let index = 0; index < 60; index++) trace.insert(index % 13, `v${index % 2}`, (index % 5) - 2);
    for (let from = -1; from <= 13; from += 2) {
      for (let to = from - 1; to <= 13; to += 3) {
        const range = { gt: from, lte: to };
        let rows = 0;
        for await (const _row of trace.rows(range)) rows++;
        assertSame((await trace.count(range)).rows, rows, `count() after ${from} up to ${to}`);
      }
    }
  }),

  test("B12 count() counts no more rows than the limit of its range", async (fixture) => {
    const { trace } = await fixture.openTrace();
    for (let key = 0; key < 9; key++) trace.insert(key, "v");
    assertSame((await trace.count({ limit: 3 })).rows, 3, "count() with limit 3");
    assertSame((await trace.count({ gte: 7, limit: 3 })).rows, 2, "count() of 2 rows with limit 3");
  }),

  test("T6 stats() tells what was written, what it takes, and how look-ups were answered", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "One");
    trace.insert(2, "Two");
    const staged = trace.stats();
    assertEqual(
      [staged.rows, staged.stagedRows, staged.insertedRows, staged.batches],
      [2, 2, 2, 0],
      "staged",
    );
    assert(staged.memory.staged > 0, "staged rows take bytes");
    await store.commit();
    await trace.get(1);
    await trace.get(2);
    const { rows, stagedRows, uncommittedRows, memory, lookups } = trace.stats();
    assertEqual([rows, stagedRows, uncommittedRows], [2, 0, 0], "committed");
    assert(memory.total > memory.staged, "rows in batches take bytes");
    assert(lookups.filtered + lookups.indexed + lookups.searched >= 2, "two look-ups are counted");
  }),

  test("T6 stats() adds up: rows of levels, bytes of parts, bytes of traces", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 10 });
    const other = await store.trace("other", NUMBERS);
    for (let index = 0; index < 555; index++) {
      trace.insert(index, `v${index}`);
      if (index % 3 === 0) other.insert(index % 7, "o");
      if (index % 100 === 50) await store.commit();
      checkBytes(trace);
      const stats = trace.stats();
      const { rows, stagedRows } = stats;
      assertSame(
        stats.levels.reduce((sum, level) => sum + level.rows, stagedRows),
        rows,
        "rows of levels and staging",
      );
      assertSame(
        stats.levels.reduce((sum, level) => sum + level.batches, 0),
        stats.batches,
        "batches of levels",
      );
    }
    const { memory, traces } = store.stats();
    const { t, other: second } = traces;
    assertSame(memory.staged, t!.memory.staged + second!.memory.staged, "bytes staged in the store");
    const ofTraces = t!.memory.total + second!.memory.total;
    assert(memory.total >= ofTraces, `expected ${ofTraces} bytes of traces in ${memory.total} of the store`);
    assertSame(traces["t"]!.totalWeight, trace.totalWeight, "totalWeight");
  }),

  test("T6 stats() counts rows in flight as uncommitted, and the bytes of merges in progress", async (fixture) => {
    const rowsInFlight: number[] = [];
    const traces: NumberTrace[] = [];
    const plan: FaultPlan = ({ method }) => {
      if (method === "createHead") rowsInFlight.push(...traces.map((trace) => trace.stats().uncommittedRows));
      return undefined;
    };
    const wrap = (backend: Backend): Backend => chaos(backend, { plan });
    const strategy = { name: "never", choose: () => undefined };
    const { store, trace } = await fixture.openTrace({ strategy, sliceMs: 0.1, wrap });
    traces.push(trace);
    for (let batch = 0; batch < 4; batch++) {
      const keys = Int32Array.from({ length: 40_000 }, (_, index) => index * 4 + batch);
      trace.insertBatch({ key: keys, value: Array.from(keys, () => "v") });
    }
    await store.commit();
    assertEqual([rowsInFlight, trace.stats().uncommittedRows], [[160_000], 0], "uncommitted rows");
    await store.compact({ onProgress: () => checkBytes(trace) });
    checkBytes(trace);
  }),

  test("T5 compact() shows in the statistics", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const merges: number[] = [];
    store.on("merge", ({ rowsIn }) => merges.push(rowsIn));
    for (let batch = 0; batch < 10; batch++) {
      trace.insertAll(Array.from({ length: 10 }, (_, index) => ({ key: batch * 10 + index, value: "v" })));
      await store.commit();
    }
    await store.compact();
    const {
      merges: count,
      mergedRowsIn,
      mergedRowsOut,
      mergesInProgress,
      batches,
      writeAmplification,
    } = trace.stats();
    assert(count > 0 && count === merges.length, `expected ${merges.length} merges, found ${count}`);
    assertSame(
      mergedRowsIn,
      merges.reduce((sum, rows) => sum + rows, 0),
      "rows that merges have read",
    );
    assertEqual([batches, mergesInProgress], [1, 0], "batches and merges in progress");
    assertSame(writeAmplification, (100 + mergedRowsOut) / 100, "writeAmplification");
  }),
];

/** Heads of the key, a start of the value, and a weight. */
const ROW_BYTES = 20;

function checkBytes(trace: NumberTrace): void {
  const { memory, mergesInProgress, stagedRows } = trace.stats();
  const { total, ...kinds } = memory;
  assertSame(
    Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0),
    total,
    "bytes",
  );
  assert(memory.scratch === 0 || mergesInProgress > 0, "no merge in progress has bytes");
  assert(memory.staged >= stagedRows * ROW_BYTES, "staged rows take bytes");
}
