import { assert, assertEqual, assertSame } from "@zspine/conformance";
import { tripleOf, triplesOf, type Triple } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type NumberTrace, type OpenedStore } from "../suite/store-fixture.ts";
import type { Snapshot } from "@zspine/store";

type NumberSnapshot = Snapshot<number, string>;

/** Snapshots, and scans that see one. */
export const snapshotCases: readonly StoreCase[] = [
  test(
    "B5 a snapshot shows the trace of its moment, whatever is written, committed, merged or discarded",
    async (fixture) => {
      const opened = await fixture.openTrace({ stagingRows: 4 });
      const { trace } = opened;
      fill(trace);
      const snapshot = trace.snapshot();
      const before = everythingOf(snapshot);
      for (const [what, change] of CHANGES) {
        await change(opened);
        assertEqual(everythingOf(snapshot), before, `a snapshot after ${what}`);
      }
      snapshot.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test(
    "B5 a snapshot shows what is not committed, and the next one what came since",
    async (fixture) => {
      const { trace } = await fixture.openTrace();
      trace.insert(1, "a");
      const first = trace.snapshot();
      trace.insert(1, "a");
      const second = trace.snapshot();
      assertEqual(triplesOf(first), [[1, "a", 1]], "the first");
      assertEqual(triplesOf(second), [[1, "a", 2]], "the second");
      assertEqual([first.totalWeight, second.totalWeight], [1, 2], "totalWeight");
      first.close();
      second.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test("B5 rows() sees what was there when the reading began, whatever is done during it", async (fixture) => {
    for (const [what, change] of CHANGES) {
      const opened = await fixture.openTrace({ stagingRows: 4 });
      fill(opened.trace);
      const expected = await readWhile(opened.trace, () => undefined);
      const found = await readWhile(opened.trace, (index) => (index % 17 === 3 ? change(opened) : undefined));
      assertEqual(found, expected, `rows() with ${what} during it`);
      await opened.store.close();
    }
  }),

  test("B5 rows() and chunks() see writes that were made before the reading began, after the call", async (fixture) => {
    const { trace } = await fixture.openTrace();
    const [rows, chunks] = [trace.rows(), trace.chunks()];
    trace.insert(1, "a");
    let seen = 0;
    for await (const { weight } of rows) seen += weight;
    for await (const chunk of chunks) seen += chunk.length;
    assertSame(seen, 2, "rows and chunks");
  }),

  test(
    "B5 since() gives what changed between two snapshots, and its negative the other way",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 3 });
      fill(trace);
      const earlier = trace.snapshot();
      trace.insert(1, "new");
      trace.insert(2, "v2", -1);
      trace.insert(3, "there and gone");
      await store.commit();
      trace.insert(3, "there and gone", -1);
      await store.compact();
      const later = trace.snapshot();
      assertEqual(
        [...later.since(earlier)].map(tripleOf),
        [
          [1, "new", 1],
          [2, "v2", -1],
        ],
        "later.since(earlier)",
      );
      assertEqual(
        [...earlier.since(later)].map(tripleOf),
        [
          [1, "new", -1],
          [2, "v2", 1],
        ],
        "earlier.since(later)",
      );
      assertEqual([...later.since(later)], [], "later.since(later)");
      earlier.close();
      later.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test(
    "B5 since() is right across a discard",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "kept");
      await store.commit();
      trace.insert(2, "dropped");
      const earlier = trace.snapshot();
      store.discard();
      trace.insert(3, "later");
      const later = trace.snapshot();
      assertEqual(
        [...later.since(earlier)].map(tripleOf),
        [
          [2, "dropped", -1],
          [3, "later", 1],
        ],
        "later.since(earlier)",
      );
      earlier.close();
      later.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test(
    "B5 since() of two snapshots, inserted elsewhere, makes that trace the same",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 5 });
      const copy = await store.trace("copy", NUMBERS);
      let last = trace.snapshot();
      for (let round = 0; round < 12; round++) {
        for (let i = 0; i < 7; i++) trace.insert(fixture.random.int(0, 9), "v", fixture.random.int(-2, 2));
        if (round % 3 === 0) await store.commit();
        if (round % 4 === 0) await store.compact();
        const next = trace.snapshot();
        copy.insertBatch(next.since(last));
        last.close();
        last = next;
      }
      const snapshot = copy.snapshot();
      assertEqual(triplesOf(snapshot), triplesOf(last), "the copy");
      snapshot.close();
      last.close();
    },
    { needs: ["syncSnapshots"], isSeeded: true },
  ),

  test("B5 B6 a snapshot holds a boundary until it is closed, once or twice", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    const first = trace.snapshot();
    const second = trace.snapshot();
    trace.insert(2, "a");
    const third = trace.snapshot();
    assertSame(trace.stats().boundaries, 2, "boundaries of three snapshots at two moments");
    const left: number[] = [];
    for (const snapshot of [first, first, third, third, second]) {
      snapshot.close();
      left.push(trace.stats().boundaries);
    }
    assertEqual(left, [2, 2, 1, 1, 0], "boundaries as they are closed");
    await store.commit();
    await store.compact();
    assertSame(trace.stats().batches, 1, "batches when nothing holds them apart");
  }),

  test("B5 L2 batches stay few while a snapshot is open, and are merged when it is closed", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 2 });
    fill(trace);
    const snapshot = trace.snapshot();
    let most = 0;
    for (let key = 0; key < 2000; key++) {
      trace.insert(key, "v");
      most = Math.max(most, trace.stats().batches);
    }
    assert(most <= 64, `expected at most 64 batches at all times, found ${most}`);
    await store.compact();
    assertSame(trace.stats().batches, 2, "batches on the two sides of a snapshot");
    snapshot.close();
    await store.compact();
    assertSame(trace.stats().batches, 1, "batches when it is closed");
  }),

  test("B5 L2 batches that snapshots have kept apart are merged once these are closed, without an insert", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const snapshots: NumberSnapshot[] = [];
    for (let key = 0; key < 60; key++) {
      trace.insert(key, "v");
      // What reads in order has rows sorted into batches.
      await trace.count();
      snapshots.push(trace.snapshot());
    }
    assertSame(trace.stats().batches, 60, "batches with a snapshot after each");
    for (const snapshot of snapshots) snapshot.close();
    await store.finishMerges();
    const { batches } = trace.stats();
    assert(batches <= 16, `expected at most 16 batches at rest, found ${batches}`);
  }),

  test("B5 load() brings what get() needs", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insertAll([1, 2, 3].map((key) => ({ key, value: "v" })));
    await store.commit();
    const snapshot = trace.snapshot();
    await snapshot.load([1, 3, 9]);
    assertEqual(
      [1, 3, 9].map((key) => snapshot.get(key).length),
      [1, 1, 0],
      "values",
    );
    snapshot.close();
  }),
];

type Change = readonly [what: string, change: (opened: OpenedStore) => unknown];

const CHANGES: readonly Change[] = [
  ["an insert", ({ trace }) => trace.insert(5, "while reading", 3)],
  ["a retraction", ({ trace }) => trace.insert(20, "v0", -1)],
  [
    "a bulk insert",
    ({ trace }) => trace.insertAll(Array.from({ length: 50 }, (_, key) => ({ key, value: "bulk" }))),
  ],
  ["a commit", ({ store }) => store.commit()],
  ["a compaction", ({ store }) => store.compact()],
  ["the end of merges", ({ store }) => store.finishMerges()],
  [
    "a discard",
    ({ store, trace }) => {
      trace.insert(6, "dropped");
      store.discard();
    },
  ],
];

/** Commits nothing: a hundred rows in several batches. */
function fill(trace: NumberTrace): void {
  for (let index = 0; index < 100; index++) trace.insert(index, `v${index % 4}`, 1 + (index % 3));
  trace.insert(2, "v2", 1);
}

/** All that can be read of a snapshot. */
function everythingOf(snapshot: NumberSnapshot): unknown {
  const rows = triplesOf(snapshot);
  const chunks = Array.from(snapshot.chunks(), (chunk) => Array.from(chunk.rows(), tripleOf)).flat();
  assertEqual(chunks, rows, "chunks() of a snapshot");
  assert(snapshot.size >= rows.length, "size of a snapshot is no fewer than its rows");
  return {
    rows,
    reverse: triplesOf(snapshot, { reverse: true, limit: 9, lt: 50 }),
    total: snapshot.totalWeight,
    count: snapshot.count().rows,
    get: snapshot.get(5),
    many: snapshot.getMany([6, 5, 5, 999]),
    has: [snapshot.has(5), snapshot.has(999)],
    weight: [snapshot.weight(5, "while reading"), snapshot.weight(20, "v0")],
  };
}

async function readWhile(trace: NumberTrace, during: (index: number) => unknown): Promise<Triple[]> {
  const rows: Triple[] = [];
  for await (const row of trace.rows()) {
    await during(rows.length);
    rows.push(tripleOf(row));
  }
  return rows;
}
