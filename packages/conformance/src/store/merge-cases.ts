import type { Backend } from "@zspine/core";
import { assert, assertRejects, assertSame } from "../assertion/assertion.ts";
import { assertContent, assertEqual, readChunks, tripleOf } from "./content.ts";
import { chaos } from "../wrapper/chaos.ts";
import type { FaultPlan } from "../wrapper/fault.ts";
import { test, type StoreCase } from "./store-case.ts";
import type { NumberTrace, OpenedStore, StoreFixture } from "./store-fixture.ts";
import type { EventsUnderTest, MergeStrategyUnderTest } from "./store-under-test.ts";

/** Merges everything of one boundary at once, or nothing at all. */
const NEVER: MergeStrategyUnderTest = { name: "never", choose: () => undefined };

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
    assertEqual(at(), { stagedRows: 0, batches: 2, uncommittedRows: 0, rows: 13 }, "when committed");
  }),

  test("L2 D7 1,000 committed batches are merged into few, without being told to", async (fixture) => {
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
  }),

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

  test("L3 the strategy decides what is merged, and compact() goes over its head", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 1, strategy: NEVER, batchesMax: 1000 });
    insertKeys(trace, 0, 300);
    await store.commit();
    await store.finishMerges();
    assertSame(trace.stats().batches, 300, "batches of a strategy that never merges");
    await store.compact();
    assertSame(trace.stats().batches, 1, "batches after compact()");
    await assertContent(
      trace,
      Array.from({ length: 300 }, (_, key) => [key, `v${key}`, 1] as const),
      "are all there",
    );
  }),

  test("L3 what a strategy decides against the rules is passed over", async (fixture) => {
    const decisions = [
      { first: 0, count: 1 },
      { first: -1, count: 2 },
      { first: 0, count: 900 },
      { first: 2, count: 2 },
    ];
    for (const decision of decisions) {
      const wrong: MergeStrategyUnderTest = { name: "wrong", choose: () => decision };
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

  test("L10 merging drops what comes to 0, down to no batch at all", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 8 });
    insertKeys(trace, 0, 50);
    await store.commit();
    insertKeys(trace, 0, 50, -1);
    await store.commit();
    await store.compact();
    const { batches, rows, columnBytes } = trace.stats();
    assertEqual([batches, rows, columnBytes], [0, 0, 0], "batches, rows and bytes");
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

  test("compact() leaves what is committed and what is not apart", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    insertKeys(trace, 0, 10, -1);
    await store.compact();
    assertSame(trace.stats().batches, 2, "batches");
    assertSame(store.discard(), 10, "rows that no commit has taken");
    assertSame((await trace.count()).rows, 100, "rows that are committed");
  }),

  test("L11 compact() and finishMerges() tell their progress, down to nothing left", async (fixture) => {
    const { store } = await openBatches(fixture);
    const told: { mergesInProgress: number; batches: number }[] = [];
    await store.compact({ onProgress: (progress) => told.push(progress) });
    assert(told.length > 0, "compact() tells its progress at least once");
    assertEqual(told.at(-1), { mergesInProgress: 0, batches: 1 }, "what compact() tells last");
    const finished: unknown[] = [];
    await store.finishMerges({ onProgress: (progress) => finished.push(progress) });
    assertEqual(finished.at(-1), { mergesInProgress: 0, batches: 1 }, "what finishMerges() tells last");
  }),

  test("L11 compact() rejects with what onProgress throws, and the store goes on", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    const failure = new Error("thrown by onProgress");
    const onProgress = (): void => {
      throw failure;
    };
    const outcome = await store.compact({ onProgress }).then(
      () => undefined,
      (error: unknown) => error,
    );
    assertSame(outcome, failure, "the rejection");
    await store.compact();
    assertEqual([trace.stats().batches, (await trace.count()).rows], [1, 100], "batches and rows");
  }),

  test("L11 compact() and finishMerges() end with ZSPINE_ABORTED when the signal has fired, and nothing is lost", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    insertKeys(trace, 0, 5000, 3);
    await assertRejects("ZSPINE_ABORTED", () => store.compact({ signal: AbortSignal.abort() }), "compact()");
    await assertRejects(
      "ZSPINE_ABORTED",
      () => store.finishMerges({ signal: AbortSignal.abort() }),
      "finishMerges()",
    );
    await store.compact({ signal: controller.signal, onProgress: abort }).catch(() => undefined);
    assertSame(trace.totalWeight, 100 + 15_000, "totalWeight");
    await store.compact();
    assertSame((await trace.count()).rows, 5000, "rows");
  }),

  test("L11 events tell commits, merges, discards, drops and the close, until they are no longer listened to", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 4 });
    const told: [name: string, event: unknown][] = [];
    const listen = <Name extends keyof EventsUnderTest>(name: Name): (() => void) =>
      store.on(name, (event) => told.push([name, event]));
    const names: readonly (keyof EventsUnderTest)[] = ["commit", "discard", "drop", "close"];
    for (const name of names) listen(name);
    const stop = listen("commit");
    insertKeys(trace, 0, 3);
    await store.commit();
    stop();
    insertKeys(trace, 3, 4);
    await store.commit();
    insertKeys(trace, 4, 6);
    store.discard();
    await store.drop("t");
    await store.close();
    const first = ["commit", { number: 1, rows: 3, calls: 1 }];
    const third = ["commit", { number: 3, rows: 0, calls: 1 }];
    const expected = [
      first,
      first,
      ["commit", { number: 2, rows: 1, calls: 1 }],
      ["discard", { rows: 2 }],
      third,
      ["drop", { trace: "t" }],
      ["close", { discardedRows: 0 }],
    ];
    assertEqual(told, expected, "events");
  }),

  test("L11 a listener of merge events may insert, and nothing is lost or counted twice", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 1 });
    let inserted = 0;
    store.on("merge", () => {
      // Few, so that a store that is confused by it does not insert for ever.
      if (inserted < 10) insertKeys(trace, 1000 + inserted, 1000 + ++inserted);
    });
    insertKeys(trace, 0, 500);
    await assertTotals(trace, 500 + inserted);
    await store.commit();
    await store.compact();
    await assertTotals(trace, 500 + inserted);
  }),

  test("L12 commit() waits for merging when batches have become too many, and insert() does not", async (fixture) => {
    const atHead: number[] = [];
    const traces: NumberTrace[] = [];
    const plan: FaultPlan = ({ method }) => {
      if (method === "createHead") atHead.push(...traces.map((trace) => trace.stats().batches));
      return undefined;
    };
    const wrap = (backend: Backend): Backend => chaos(backend, { plan });
    const { store, trace } = await fixture.openTrace({ stagingRows: 1, batchesMax: 2, wrap });
    traces.push(trace);
    const stalls: unknown[] = [];
    store.on("stall", (event) => stalls.push(event));
    insertKeys(trace, 0, 15);
    const before = trace.stats().batches;
    assert(before > 4, `expected more than 4 batches before the commit, found ${before}`);
    assertSame(stalls.length, 0, "stalls of insert()");
    await store.commit();
    assertEqual(stalls, [{ trace: "t", batches: before }], "stalls of commit()");
    assertSame(store.stats().stalls, 1, "stats().stalls");
    assert(
      atHead[0]! < before,
      `expected fewer than ${before} batches when the head is created, found ${atHead[0]}`,
    );
  }),
];

function insertKeys(trace: NumberTrace, from: number, to: number, weight = 1): void {
  for (let key = from; key < to; key++) trace.insert(key, `v${key}`, weight);
}

/** A hundred rows, committed in twenty batches. */
async function openBatches(fixture: StoreFixture): Promise<OpenedStore> {
  const opened = await fixture.openTrace({ stagingRows: 5, strategy: NEVER });
  insertKeys(opened.trace, 0, 100);
  await opened.store.commit();
  return opened;
}

async function assertTotals(trace: NumberTrace, expected: number): Promise<void> {
  const weights = (await readChunks(trace)).map(({ weight }) => weight);
  assertSame(
    weights.reduce((sum, weight) => sum + weight, 0),
    expected,
    "the sum of the weights that are read",
  );
  assertSame(trace.totalWeight, expected, "totalWeight");
}
