import { assert, assertEqual, assertRejects, assertSame, chaos, type FaultPlan } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { readChunks } from "../sample/content.ts";
import { insertKeys, openBatches } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { NumberTrace } from "../suite/store-fixture.ts";
import type { StoreEvents } from "@zspine/store";

/** Long work: its progress, its end, its events, and waiting for it. */
export const workCases: readonly StoreCase[] = [
  test("L11 compact(), finishMerges() and flush() tell their progress, down to nothing left", async (fixture) => {
    const { store } = await openBatches(fixture);
    const told: { mergesInProgress: number; batches: number }[] = [];
    await store.compact({ onProgress: (progress) => told.push(progress) });
    assert(told.length > 0, "compact() tells its progress at least once");
    assertEqual(told.at(-1), { mergesInProgress: 0, batches: 1 }, "what compact() tells last");
    const finished: unknown[] = [];
    await store.finishMerges({ onProgress: (progress) => finished.push(progress) });
    assertEqual(finished.at(-1), { mergesInProgress: 0, batches: 1 }, "what finishMerges() tells last");
    const flushed: unknown[] = [];
    await store.flush({ onProgress: (progress) => flushed.push(progress) });
    assertEqual(flushed, [{ mergesInProgress: 0, batches: 1 }], "what flush() tells");
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
    const listen = <Name extends keyof StoreEvents>(name: Name): (() => void) =>
      store.on(name, (event) => told.push([name, event]));
    const names: readonly (keyof StoreEvents)[] = ["commit", "discard", "drop", "close"];
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
    // Events are told soon after the call in which they happen.
    await Promise.resolve();
    assert(inserted > 0, "expected the listener to have been told by now");
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

  test("close() leaves no task behind that keeps a process alive", async (fixture) => {
    const { store, trace } = await openBatches(fixture);
    insertKeys(trace, 0, 100);
    const snapshot = trace.snapshot();
    await store.close();
    snapshot.close();
    assertSame(fixture.scheduledTasks, 0, "tasks that are scheduled");
  }),
];

async function assertTotals(trace: NumberTrace, expected: number): Promise<void> {
  const weights = (await readChunks(trace)).map(({ weight }) => weight);
  assertSame(
    weights.reduce((sum, weight) => sum + weight, 0),
    expected,
    "the sum of the weights that are read",
  );
  assertSame(trace.totalWeight, expected, "totalWeight");
}
