import { assert, assertCode, assertEqual, assertRejects, assertSame, outcomeOf } from "@zspine/conformance";
import { assertContent } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { OpenedStore, StoreFixture } from "../suite/store-fixture.ts";

// More than any of the calls takes, over a backend in memory.
const MICROTASKS = 24;

// More rows than are read at once.
const LONG = 70_000;

type Call = readonly [what: string, call: (opened: OpenedStore, signal: AbortSignal) => Promise<unknown>];

const READS: readonly Call[] = [
  ["get()", ({ trace }, signal) => trace.get(3, { signal })],
  ["getMany()", ({ trace }, signal) => trace.getMany([3, 4, 99], { signal })],
  ["has()", ({ trace }, signal) => trace.has(3, { signal })],
  ["weight()", ({ trace }, signal) => trace.weight(3, "v", { signal })],
  ["count()", ({ trace }, signal) => trace.count({ gte: 3 }, { signal })],
  ["rows()", ({ trace }, signal) => lengthOf(trace.rows({}, { signal }))],
  ["chunks()", ({ trace }, signal) => lengthOf(trace.chunks({}, { signal }))],
];

const WORK: readonly Call[] = [
  ["compact()", ({ store }, signal) => store.compact({ signal })],
  ["finishMerges()", ({ store }, signal) => store.finishMerges({ signal })],
  ["flush()", ({ store }, signal) => store.flush({ signal })],
];

/** A signal that fires at each moment of a call: all of it, or nothing. */
export const abortCases: readonly StoreCase[] = [
  test("L11 reads whose signal has fired already reject with ZSPINE_ABORTED", async (fixture) => {
    const opened = await openRows(fixture);
    for (const [what, call] of READS) {
      const error = await assertRejects(
        "ZSPINE_ABORTED",
        () => call(opened, AbortSignal.abort("enough")),
        what,
      );
      assertSame(error.cause, "enough", `the cause of ${what}`);
    }
  }),

  test(`L11 reads whose signal fires after 0 to ${MICROTASKS} microtasks answer in full, or reject with ZSPINE_ABORTED`, async (fixture) => {
    const opened = await openRows(fixture);
    for (const [what, call] of READS) {
      const expected = await call(opened, new AbortController().signal);
      await abortAtEach(fixture, opened, [what, call], async (result) => {
        assertEqual(result, expected, what);
      });
    }
    assertSame(opened.trace.stats().boundaries, 0, "boundaries held");
  }),

  test(`L11 merging whose signal fires after 0 to ${MICROTASKS} microtasks changes no row`, async (fixture) => {
    const opened = await openRows(fixture);
    const { store, trace } = opened;
    for (const work of WORK) {
      await abortAtEach(fixture, opened, work, async () => {
        trace.insertAll([
          { key: 3, value: "v" },
          { key: 3, value: "v", weight: -1 },
          { key: 1000, value: "w" },
        ]);
        trace.insert(1000, "w", -1);
      });
    }
    await store.compact();
    assertEqual([(await trace.count()).rows, trace.totalWeight], [200, 200], "rows and totalWeight");
  }),

  test(`L11 commit() whose signal fires after 0 to ${MICROTASKS} microtasks has done all or nothing`, async (fixture) => {
    for (const isBusy of [false, true]) {
      const { store, trace } = await fixture.openTrace();
      let committed = 0;
      let other: Promise<unknown> = Promise.resolve();
      for (let wait = 0; wait <= MICROTASKS; wait++) {
        const controller = new AbortController();
        const before = store.metadata;
        // Another commit is in flight, so that this one has to wait.
        if (isBusy) other = store.commit({ metadata: { other: wait } });
        trace.insert(wait, "v");
        const commit = outcomeOf(store.commit({ metadata: { wait }, signal: controller.signal }));
        await fixture.microtasks(wait);
        controller.abort();
        const outcome = await fixture.settles(commit, `commit() aborted after ${wait} microtasks`);
        await other;
        if (!outcome.ok) assertCode(outcome.error, "ZSPINE_ABORTED", "commit()");
        else committed++;
        assertSame(
          store.discard(),
          outcome.ok ? 0 : 1,
          `rows not committed, aborted after ${wait} microtasks`,
        );
        const kept = isBusy ? { other: wait } : before;
        assertEqual(
          store.metadata,
          outcome.ok ? { wait } : kept,
          `metadata, aborted after ${wait} microtasks`,
        );
        assertEqual(
          [(await trace.count()).rows, trace.totalWeight],
          [committed, committed],
          "rows and totalWeight",
        );
      }
      assert(
        isBusy || committed > 0,
        "a signal that fires after the commit has begun to write does not take it back",
      );
      assertSame(trace.stats().boundaries, 0, "boundaries held");
      await store.close();
    }
  }),

  test("L11 commit() whose signal has fired already takes nothing", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    const signal = AbortSignal.abort();
    await assertRejects("ZSPINE_ABORTED", () => store.commit({ signal, metadata: { n: 1 } }), "commit()");
    assertEqual([store.metadata, store.stats().head, trace.stats().boundaries], [{}, 0, 0], "what it left");
    await assertContent(trace, [[1, "a", 1]], "are kept");
    assertSame(store.discard(), 1, "rows that no commit has taken");
  }),

  test("L11 long work whose signal has fired already rejects with ZSPINE_ABORTED, whether there is anything to do or not", async (fixture) => {
    const signal = AbortSignal.abort();
    for (const rows of [0, 100]) {
      const { store, trace } = await fixture.openTrace();
      for (let key = 0; key < rows; key++) trace.insert(key, "v");
      await store.commit();
      const { head } = store.stats();
      const told: unknown[] = [];
      const options = { signal, onProgress: (progress: unknown) => told.push(progress) };
      for (const what of ["compact", "finishMerges", "flush", "verify"] as const)
        await assertRejects("ZSPINE_ABORTED", () => store[what](options), `${what}() of ${rows} rows`);
      await assertRejects("ZSPINE_ABORTED", () => store.drop(trace.name, { signal }), "drop()");
      assertEqual([told, store.stats().head, store.has(trace.name)], [[], head, true], "what it has done");
      await store.close();
    }
  }),

  test("L11 rows() and chunks() end with ZSPINE_ABORTED when the signal fires during the loop", async (fixture) => {
    const { trace } = await fixture.openTrace();
    const keys = Int32Array.from({ length: LONG }, (_, index) => index);
    trace.insertBatch({ key: keys, value: Array.from(keys, () => "v") });
    for (const read of ["rows", "chunks"] as const) {
      const controller = new AbortController();
      let rows = 0;
      const reading = async (): Promise<void> => {
        for await (const item of trace[read]({}, { signal: controller.signal })) {
          rows += "length" in item ? item.length : 1;
          controller.abort();
        }
      };
      const outcome = await outcomeOf(reading());
      assert(!outcome.ok, `${read}() goes on, and gives all ${rows} rows`);
      assertCode(outcome.error, "ZSPINE_ABORTED", `${read}()`);
      // What was read at once may still be given.
      assert(rows < LONG, `${read}() gave ${rows} rows of ${LONG}`);
    }
    assertSame(trace.stats().boundaries, 0, "boundaries held");
  }),

  test("L11 B6 calls that have settled hold no listener on their signal", async (fixture) => {
    const opened = await openRows(fixture);
    const { store, trace } = opened;
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      throwIfAborted: () => undefined,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    } as unknown as AbortSignal;
    for (let round = 0; round < 10; round++) {
      trace.insert(round, "w");
      await store.commit({ signal });
      for (const [, call] of [...READS, ...WORK]) await call(opened, signal);
    }
    assertSame(listeners, 0, "listeners on a signal that lives on");
  }),

  test("L11 a signal that is none is refused, and holds nothing", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    const outcome = await outcomeOf((async () => store.commit({ signal: {} as AbortSignal }))());
    assert(outcome.ok || outcome.error instanceof Error, "commit() rejects with an Error, if it rejects");
    assertSame(trace.stats().boundaries, 0, "boundaries held");
    await store.commit();
    await store.compact();
    assertEqual(
      [store.discard(), trace.stats().boundaries, trace.stats().batches],
      [0, 0, 1],
      "after the next commit",
    );
  }),
];

/** Two hundred rows in several batches, committed. */
async function openRows(fixture: StoreFixture): Promise<OpenedStore> {
  const opened = await fixture.openTrace({ stagingRows: 30 });
  for (let key = 0; key < 200; key++) opened.trace.insert(key, "v");
  await opened.store.commit();
  return opened;
}

async function abortAtEach(
  fixture: StoreFixture,
  opened: OpenedStore,
  [what, call]: Call,
  check: (result: unknown) => Promise<void>,
): Promise<void> {
  for (let wait = 0; wait <= MICROTASKS; wait++) {
    const controller = new AbortController();
    const running = outcomeOf(call(opened, controller.signal));
    if (wait > 0) await fixture.microtasks(wait);
    controller.abort();
    const outcome = await fixture.settles(running, `${what} aborted after ${wait} microtasks`);
    if (outcome.ok) await check(outcome.value);
    else assertCode(outcome.error, "ZSPINE_ABORTED", `${what} aborted after ${wait} microtasks`);
  }
}

async function lengthOf(items: AsyncIterable<object>): Promise<number> {
  let length = 0;
  for await (const item of items) length += "length" in item ? Number(item.length) : 1;
  return length;
}
