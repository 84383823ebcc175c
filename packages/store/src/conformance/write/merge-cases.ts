import { assert, assertEqual, assertSame } from "@zspine/conformance";
import { assertContent, readChunks, tripleOf } from "../sample/content.ts";
import { insertKeys, NEVER, openBatches } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { MergeStrategy } from "@zspine/store";

/** Staging, batches, levels and merging. */
export const mergeCases: readonly StoreCase[] = [
  test("L1 rows go from staging into batches, and from uncommitted to committed", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 10, strategy: NEVER });
    const at = (): unknown => {
      const { stagedRows, batches, uncommittedRows, rows } = trace.stats();
      return { stagedRows, batches, uncommittedRows, rows };
    };
    insertKeys(trace, 0, 9);
    assertEqual(at(), { stagedRows: 9, batches: 0, uncommittedRows: 0, rows: 9 }, "with 9 rows");
    insertKeys(trace, 9, 10);
    assertEqual(at(), { stagedRows: 0, batches: 1, uncommittedRows: 10, rows: 10 }, "with 10 rows");
    insertKeys(trace, 10, 13);
    assertEqual(at(), { stagedRows: 3, batches: 1, uncommittedRows: 10, rows: 13 }, "with 13 rows");
    await store.commit();
    // A commit that stores rows writes them as one batch.
    const batches = fixture.capabilities.durable ? 1 : 2;
    assertEqual(at(), { stagedRows: 0, batches, uncommittedRows: 0, rows: 13 }, "when committed");
  }),

  test(
    "L2 D7 1,000 committed batches are merged into few, without being told to",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      let most = 0;
      for (let batch = 0; batch < 1000; batch++) {
        trace.insertAll([
          { key: (batch * 7) % 500, value: "v" },
          { key: 500 + batch, value: "w" },
        ]);
        await store.commit({ durability: "relaxed" });
        most = Math.max(most, trace.stats().batches);
      }
      assert(most <= 64, `expected at most 64 batches at all times, found ${most}`);
      await store.finishMerges();
      const { batches, mergesInProgress } = trace.stats();
      assert(batches <= 16, `expected at most 16 batches at rest, found ${batches}`);
      assertSame(mergesInProgress, 0, "merges in progress at rest");
      assertSame((await trace.count()).rows, 1500, "rows");
      assertSame(trace.totalWeight, 2000, "totalWeight");
    },
    { isSlow: true },
  ),

  test("L2 D7 batches stay few while nothing is committed", async (fixture) => {
    const { trace } = await fixture.openTrace({ stagingRows: 2 });
    let most = 0;
    for (let index = 0; index < 2000; index++) {
      trace.insert(index, "v");
      most = Math.max(most, trace.stats().batches);
    }
    assert(most <= 64, `expected at most 64 batches at all times, found ${most}`);
  }),

  test("L3 batches stand on several levels, each holding more than the one below", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 256 });
    insertKeys(trace, 0, 22_000);
    await store.finishMerges();
    const { levels, writeAmplification } = trace.stats();
    assert(levels.length >= 2, `expected several levels, found ${levels.length}`);
    assert(
      levels.every(({ batches }) => batches <= 8),
      "no level holds many batches",
    );
    assert(
      writeAmplification < 10,
      `expected each row to be written a few times, found ${writeAmplification}`,
    );
  }),

  test(
    "L3 the strategy decides what is merged, and compact() goes over its head",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 1, strategy: NEVER, batchesMax: 1000 });
      for (let key = 0; key < 300; key++) {
        insertKeys(trace, key, key + 1);
        await store.commit({ durability: "relaxed" });
      }
      await store.finishMerges();
      assertSame(trace.stats().batches, 300, "batches of a strategy that never merges");
      await store.compact();
      assertSame(trace.stats().batches, 1, "batches after compact()");
      await assertContent(
        trace,
        Array.from({ length: 300 }, (_, key) => [key, `v${key}`, 1] as const),
        "are all there",
      );
    },
    { isSlow: true },
  ),

  test("L3 what a strategy decides against the rules is passed over", async (fixture) => {
    const decisions = [
      { first: 0, count: 1 },
      { first: -1, count: 2 },
      { first: 0, count: 900 },
      { first: 2, count: 2 },
    ];
    for (const decision of decisions) {
      const wrong: MergeStrategy = { name: "wrong", choose: () => decision };
      const { store, trace } = await fixture.openTrace({ stagingRows: 1, strategy: wrong });
      insertKeys(trace, 0, 3);
      await store.finishMerges();
      await assertContent(
        trace,
        [0, 1, 2].map((key) => [key, `v${key}`, 1] as const),
        "are as inserted",
      );
      await store.close();
    }
  }),

  test(
    "L3 a strategy that reaches across a snapshot is passed over, and since() is right",
    async (fixture) => {
      const wrong: MergeStrategy = {
        name: "wrong",
        choose: (batches) => ({ first: 0, count: batches.length }),
      };
      const { store, trace } = await fixture.openTrace({ stagingRows: 1, strategy: wrong });
      insertKeys(trace, 0, 2);
      const earlier = trace.snapshot();
      insertKeys(trace, 1, 3);
      await store.finishMerges();
      const later = trace.snapshot();
      assertEqual(
        [...later.since(earlier)].map(tripleOf),
        [
          [1, "v1", 1],
          [2, "v2", 1],
        ],
        "since()",
      );
      for (const snapshot of [earlier, later]) snapshot.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test("L10 merging drops what comes to 0, down to no batch at all", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 8 });
    insertKeys(trace, 0, 50);
    await store.commit();
    insertKeys(trace, 0, 50, -1);
    await store.commit();
    await store.compact();
    const { batches, rows, memory } = trace.stats();
    assertEqual([batches, rows, memory.unwritten], [0, 0, 0], "batches, rows and bytes");
    assertEqual([trace.size, trace.totalWeight], [0, 0], "size and totalWeight");
    insertKeys(trace, 7, 8);
    await assertContent(trace, [[7, "v7", 1]], "after all was gone");
  }),

  test("L10 compact() of what is compact changes nothing and merges nothing", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    await store.compact();
    const { merges } = trace.stats();
    const before = (await readChunks(trace)).map(tripleOf);
    await store.compact();
    assertSame(trace.stats().merges, merges, "merges");
    await assertContent(trace, before, "are as before");
  }),

  test("compact() takes in what is staged", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    insertKeys(trace, 0, 5);
    await store.compact();
    const { stagedRows, batches } = trace.stats();
    assertEqual([stagedRows, batches], [0, 1], "staged rows and batches");
  }),

  test("compact() leaves what is committed and what is not apart", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    insertKeys(trace, 0, 10, -1);
    await store.compact();
    assertSame(trace.stats().batches, 2, "batches");
    assertSame(store.discard(), 10, "rows that no commit has taken");
    assertSame((await trace.count()).rows, 100, "rows that are committed");
  }),
];
