import {
  assert,
  assertCode,
  assertEqual,
  assertRejects,
  assertSame,
  assertThrows,
  outcomeOf,
} from "@zspine/conformance";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type OpenedStore, type StoreFixture } from "../suite/store-fixture.ts";

// More than any of the calls takes, over a backend in memory.
const MICROTASKS = 14;

type Call = readonly [what: string, call: (opened: OpenedStore) => Promise<unknown>];

const READS: readonly Call[] = [
  ["get()", ({ trace }) => trace.get(3)],
  ["getMany()", ({ trace }) => trace.getMany([3, 4, 99])],
  ["has()", ({ trace }) => trace.has(3)],
  ["weight()", ({ trace }) => trace.weight(3, "v")],
  ["count()", ({ trace }) => trace.count()],
  ["rows()", ({ trace }) => drain(trace.rows())],
  ["chunks()", ({ trace }) => drain(trace.chunks())],
  ["load()", ({ trace }) => trace.snapshot().load([1, 2])],
];

const WRITES: readonly Call[] = [
  ["commit()", ({ store }) => store.commit({ metadata: { n: 1 } })],
  ["compact()", ({ store }) => store.compact()],
  ["finishMerges()", ({ store }) => store.finishMerges()],
  ["trace()", ({ store }) => store.trace("other", NUMBERS)],
  ["trace() by name", ({ store }) => store.trace("t")],
  ["drop()", ({ store }) => store.drop("t")],
];

/** Closing at each moment of a call, and what is left to do afterwards: nothing. */
export const closeCases: readonly StoreCase[] = [
  ...[...READS, ...WRITES].map(([what, call]) =>
    test(`${what} settles with its result or ZSPINE_CLOSED when close() is called 0 to ${MICROTASKS} microtasks later`, async (fixture) => {
      for (let wait = 0; wait <= MICROTASKS; wait++) await closeDuring(fixture, [what, call], wait);
    }),
  ),

  test("close() lets commits that were called before it come to their end, and their rows last", async (fixture) => {
    const { store, trace } = await openRows(fixture);
    const commits: Promise<number>[] = [];
    for (let i = 0; i < 3; i++) {
      trace.insert(i, "w");
      commits.push(store.commit());
    }
    const discarded: number[] = [];
    store.on("close", ({ discardedRows }) => discarded.push(discardedRows));
    const closing = store.close();
    const numbers = await fixture.settles(Promise.all(commits), "commits before close()");
    await fixture.settles(closing, "close()");
    assert(
      numbers.every((number) => number >= 1),
      "all are acknowledged",
    );
    assertEqual(discarded, [0], "rows that were dropped by close()");
  }),

  test("close() during a loop ends it with ZSPINE_CLOSED at the next row or chunk", async (fixture) => {
    for (const read of ["rows", "chunks"] as const) {
      const { store, trace } = await openRows(fixture);
      let items = 0;
      const reading = async (): Promise<void> => {
        for await (const _item of trace[read]()) {
          items++;
          await store.close();
        }
      };
      const outcome = await fixture.settles(outcomeOf(reading()), `${read}()`);
      assertSame(items, 1, `items of ${read}()`);
      assert(!outcome.ok, `${read}() goes on when the store is closed`);
      assertCode(outcome.error, "ZSPINE_CLOSED", `${read}()`);
    }
  }),

  test("every method of a closed store fails with ZSPINE_CLOSED, synchronous ones by throwing", async (fixture) => {
    const opened = await openRows(fixture);
    const { store, trace } = opened;
    const snapshot = trace.snapshot();
    await store.close();
    const calls: readonly [what: string, call: () => unknown][] = [
      ["insert()", () => trace.insert(1, "a")],
      ["insertAll()", () => trace.insertAll([])],
      ["insertBatch()", () => trace.insertBatch({ key: [], value: [] })],
      ["snapshot()", () => trace.snapshot()],
      ["stats() of a trace", () => trace.stats()],
      ["size", () => trace.size],
      ["totalWeight", () => trace.totalWeight],
      ["get() of a snapshot", () => snapshot.get(1)],
      ["rows() of a snapshot", () => [...snapshot.rows()]],
      ["since() of a snapshot", () => snapshot.since(snapshot)],
      ["size of a snapshot", () => snapshot.size],
      ["stats()", () => store.stats()],
      ["traces", () => store.traces],
      ["has()", () => store.has("t")],
      ["discard()", () => store.discard()],
      ["on()", () => store.on("commit", () => undefined)],
    ];
    for (const [what, call] of calls) assertThrows("ZSPINE_CLOSED", call, what);
    const later = [...READS.filter(([what]) => what !== "load()"), ...WRITES];
    for (const [what, call] of later) await assertRejects("ZSPINE_CLOSED", () => call(opened), what);
    await assertRejects("ZSPINE_CLOSED", () => snapshot.load([1]), "load()");
    snapshot.close();
  }),

  test("every method of a dropped trace and of its snapshots fails with ZSPINE_CLOSED", async (fixture) => {
    const { store, trace } = await openRows(fixture);
    const snapshot = trace.snapshot();
    const rows = trace.rows()[Symbol.asyncIterator]();
    await rows.next();
    await store.drop("t");
    for (const call of [
      () => trace.insert(1, "a"),
      () => trace.stats(),
      () => trace.size,
      () => snapshot.get(1),
    ]) {
      assertThrows("ZSPINE_CLOSED", call, String(call));
    }
    for (const call of [
      () => trace.get(1),
      () => trace.count(),
      () => rows.next(),
      () => drain(trace.rows()),
    ]) {
      await assertRejects("ZSPINE_CLOSED", call as () => Promise<unknown>, String(call));
    }
    snapshot.close();
    assertEqual([await store.commit(), store.traces], [3, []], "the store goes on");
  }),

  test(
    "every method of a closed snapshot throws ZSPINE_CLOSED, and close() may be called again",
    async (fixture) => {
      const { trace } = await openRows(fixture);
      const [snapshot, other] = [trace.snapshot(), trace.snapshot()];
      const rows = snapshot.rows()[Symbol.iterator]();
      rows.next();
      snapshot.close();
      snapshot.close();
      const calls: readonly (() => unknown)[] = [
        () => snapshot.get(1),
        () => snapshot.getMany([1]),
        () => snapshot.has(1),
        () => snapshot.weight(1, "v"),
        () => snapshot.count(),
        () => [...snapshot.rows()],
        () => [...snapshot.chunks()],
        () => rows.next(),
        () => snapshot.since(other),
        () => other.since(snapshot),
        () => snapshot.size,
        () => snapshot.totalWeight,
      ];
      for (const call of calls) assertThrows("ZSPINE_CLOSED", call, String(call));
      await assertRejects("ZSPINE_CLOSED", () => snapshot.load([1]), "load()");
      assertSame(other.get(1).length, 1, "values of another snapshot");
      other.close();
    },
    { needs: ["syncSnapshots"] },
  ),
];

async function closeDuring(fixture: StoreFixture, [what, call]: Call, wait: number): Promise<void> {
  const opened = await openRows(fixture);
  const running = outcomeOf(call(opened));
  if (wait > 0) await fixture.microtasks(wait);
  const closing = opened.store.close();
  const when = `${what} with close() after ${wait} microtasks`;
  const outcome = await fixture.settles(running, when);
  if (!outcome.ok) assertCode(outcome.error, "ZSPINE_CLOSED", when);
  await fixture.settles(closing, `close() after ${wait} microtasks of ${what}`);
  await assertRejects("ZSPINE_CLOSED", () => opened.store.commit(), `commit() after ${when}`);
}

/** A hundred rows in batches that are still being merged, some of them uncommitted. */
async function openRows(fixture: StoreFixture): Promise<OpenedStore> {
  const opened = await fixture.openTrace({ stagingRows: 9 });
  for (let key = 0; key < 100; key++) {
    opened.trace.insert(key, "v");
    if (key === 60) await opened.store.commit();
  }
  return opened;
}

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _item of items) count++;
  return count;
}
