import {
  assert,
  assertEqual,
  assertRejects,
  assertSame,
  assertThrows,
  forward,
  recording,
  type RecordingBackend,
} from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { assertContent, readChunks, tripleOf, triplesOf, type Triple } from "../sample/content.ts";
import { insertKeys, NEVER } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type NumberTrace, type OpenedStore, type StoreFixture } from "../suite/store-fixture.ts";
import type { Snapshot } from "@zspine/store";

const durable = { needs: ["durable"] } as const;

/** Readers of stored rows: what they hold stays, whatever is written meanwhile; and those that only read. */
export const durableReaderCases: readonly StoreCase[] = [
  test(
    "L17 a store that is opened to be read only writes nothing at all, whatever it finds",
    async (fixture) => {
      const place = await writeWithOrphans(fixture);
      let counted: RecordingBackend | undefined;
      const wrap = (backend: Backend): Backend => (counted = recording(backend));
      const { store, trace } = await fixture.openTrace({ readOnly: true, wrap }, place);
      assertEqual(
        [store.recovery.orphans > 0, store.recovery.orphansRemoved],
        // At a shared place they are looked for after a commit.
        [!fixture.capabilities.shared, 0],
        "orphans, found and removed",
      );
      await assertContent(trace, rowsUpTo(300), "of a store that is read only");
      assertEqual(await trace.get(7), [{ value: "v7", weight: 1 }], "get()");
      assertSame((await store.verify()).isSound, true, "verify()");
      await store.finishMerges();
      const calls: readonly [string, () => Promise<unknown>][] = [
        ["commit()", () => store.commit()],
        ["drop()", () => store.drop("t")],
        ["flush()", () => store.flush()],
        ["compact()", () => store.compact()],
      ];
      for (const [what, call] of calls) await assertRejects("ZSPINE_NOT_SUPPORTED", call, what);
      assertThrows("ZSPINE_NOT_SUPPORTED", () => trace.insert(1, "v"), "insert()");
      assertThrows("ZSPINE_NOT_SUPPORTED", () => trace.insertAll([{ key: 1, value: "v" }]), "insertAll()");
      assertThrows(
        "ZSPINE_NOT_SUPPORTED",
        () => trace.insertBatch({ key: [1], value: ["v"] }),
        "insertBatch()",
      );
      await assertRejects(
        "ZSPINE_UNKNOWN_NAME",
        () => store.trace("new", NUMBERS),
        "a trace that is not there",
      );
      await store.close();
      assertEqual(
        [counted!.counts().write.calls, counted!.counts().createHead.calls],
        [0, 0],
        "writes and heads",
      );
      const { trace: again } = await fixture.openTrace({}, place);
      await assertContent(again, rowsUpTo(300), "afterwards");
    },
    durable,
  ),

  test(
    "L17 a backup of a store that is read only is a store",
    async (fixture) => {
      const place = await writeWithOrphans(fixture);
      const store = await fixture.open({ readOnly: true }, place);
      const target = fixture.newPlace();
      await store.backup(fixture.places.opener(target));
      const { trace } = await fixture.openTrace({}, target);
      await assertContent(trace, rowsUpTo(300), "of the copy");
    },
    { needs: ["durable", "places"] },
  ),

  test(
    "L19 B5 T46 snapshots and scans read on what they began with while commits, merges and compact() replace it",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 50, cacheBytes: 0 });
      for (let from = 0; from < 2000; from += 500) {
        insertKeys(trace, from, from + 500);
        await store.commit();
      }
      const scan = trace.rows()[Symbol.asyncIterator]();
      const seen: Triple[] = [];
      for (let count = 0; count < 3; count++) seen.push(tripleOf((await scan.next()).value as never));
      const pairs: { scan: AsyncIterator<unknown>; from: number }[] = [];
      for (let round = 0; round < 8; round++) {
        insertKeys(trace, round * 250, round * 250 + 250, -1);
        await store.commit();
        const reading = trace.chunks()[Symbol.asyncIterator]();
        await reading.next();
        pairs.push({ scan: reading, from: round * 250 + 250 });
        await store.compact();
        await store.commit();
      }
      for (let next = await scan.next(); next.done !== true; next = await scan.next())
        seen.push(tripleOf(next.value));
      assertEqual(seen, rowsUpTo(2000), "rows of the scan that began before");
      for (const { scan: reading } of pairs)
        for (let next = await reading.next(); next.done !== true;) next = await reading.next();
      await assertContent(trace, [], "at the end");
    },
    durable,
  ),

  test(
    "L19 T46 snapshots hold their values, which are removed when nobody reads them any more",
    async (fixture) => {
      let beneath: Backend | undefined;
      const wrap = (backend: Backend): Backend => (beneath = backend);
      const { store, trace } = await fixture.openTrace({ cacheBytes: 0, wrap });
      insertKeys(trace, 0, 1000);
      await store.commit();
      const held: {
        readonly snapshot: Snapshot<number, string>;
        readonly rows: readonly Triple[];
      }[] = [];
      for (let round = 0; round < 6; round++) {
        held.push({ snapshot: trace.snapshot(), rows: rowsUpTo(1000 + round * 100) });
        insertKeys(trace, 1000 + round * 100, 1100 + round * 100);
        await store.commit();
        if (round % 2 === 1) await store.compact();
      }
      for (const { snapshot, rows } of held) assertEqual(triplesOf(snapshot), rows, "rows of a snapshot");
      const [oldest, ...others] = held;
      for (const { snapshot } of others) snapshot.close();
      await store.compact();
      assertEqual(triplesOf(oldest!.snapshot), oldest!.rows, "rows of the oldest snapshot, after compact()");
      oldest!.snapshot.close();
      await store.compact();
      await store.commit();
      await store.commit();
      const { batches, storedBytes } = trace.stats();
      assertSame(batches, 1, "batches when no snapshot is open");
      let bytes = 0;
      for await (const name of beneath!.list("")) bytes += (await beneath!.get(name))!.length;
      assertSame(bytes, storedBytes, "bytes of all values in the backend");
    },
    { needs: ["durable", "syncSnapshots"] },
  ),

  test(
    "T46 L19 writers, readers, merges and flushes at the same time, over a small cache: scans are ordered and no weight is lost",
    async (fixture) => {
      const opened = await fixture.openTrace({ stagingRows: 32, cacheBytes: 5000, batchesMax: 6 });
      const writers = Array.from({ length: 4 }, (_, writer) => write(fixture, opened, writer * 250));
      const readers = Array.from({ length: 2 }, () => scanOften(fixture, opened.trace));
      const work = async (): Promise<void> => {
        for (let round = 0; round < 6; round++) {
          await opened.store.flush();
          await opened.store.compact();
          await fixture.turn();
        }
      };
      await Promise.all([...writers, ...readers, work()]);
      const reopened = await fixture.reopen(opened.store);
      const trace = await reopened.trace("t", NUMBERS);
      assertEqual(
        [(await trace.count()).rows, trace.totalWeight],
        [900, 900],
        "rows and totalWeight, reopened",
      );
      assertSame((await reopened.verify()).isSound, true, "verify()");
    },
    durable,
  ),

  test(
    "R5 snapshots over a medium that is read asynchronously only are ZSPINE_NOT_RESIDENT until load(keys)",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ strategy: NEVER });
      for (let from = 0; from < 3000; from += 1000) {
        insertKeys(trace, from, from + 1000);
        await store.commit();
      }
      const place = fixture.placeOf(store);
      await store.close();
      const again = await fixture.openTrace(
        { wrap: withoutSyncReads, strategy: NEVER, cacheBytes: 0 },
        place,
      );
      const snapshot = again.trace.snapshot();
      for (const read of [() => snapshot.get(5), () => [...snapshot.rows()], () => snapshot.weight(5, "v5")])
        assertThrows("ZSPINE_NOT_RESIDENT", read, "a read before load()");
      assertEqual([snapshot.size, snapshot.totalWeight], [3000, 3000], "what needs no rows");
      await snapshot.load([5, 2500, 9999]);
      assertEqual(snapshot.get(5), [{ value: "v5", weight: 1 }], "get() after load()");
      assertEqual(
        snapshot.getMany([2500, 5]).map(({ length }) => length),
        [1, 1],
        "getMany() after load()",
      );
      assertEqual(
        [snapshot.has(9999), snapshot.weight(2500, "v2500")],
        [false, 1],
        "has() and weight() after load()",
      );
      again.trace.insert(5, "uncommitted");
      const later = again.trace.snapshot();
      await later.load([5]);
      assertSame(later.get(5).length, 2, "values of the key, stored and staged");
      await again.store.commit();
      await again.store.compact();
      assertEqual(
        snapshot.get(5),
        [{ value: "v5", weight: 1 }],
        "get() of the first snapshot, after commits and merges",
      );
      assertSame((await readChunks(again.trace)).length, 3001, "rows that are read asynchronously");
      snapshot.close();
      later.close();
    },
    durable,
  ),
];

/** Writes 300 rows, and values that no head names. */
async function writeWithOrphans(fixture: StoreFixture): Promise<string> {
  let beneath: Backend | undefined;
  const wrap = (backend: Backend): Backend => (beneath = backend);
  const { store, trace } = await fixture.openTrace({ wrap, strategy: NEVER });
  const place = fixture.placeOf(store);
  for (let from = 0; from < 300; from += 100) {
    insertKeys(trace, from, from + 100);
    await store.commit();
  }
  await beneath!.write([{ type: "put", name: "batch/0badc0de-1/0", bytes: Uint8Array.of(1, 2, 3) }]);
  await store.close();
  return place;
}

function rowsUpTo(end: number): Triple[] {
  return Array.from({ length: end }, (_, key) => [key, `v${key}`, 1]);
}

function withoutSyncReads(backend: Backend): Backend {
  const { getSync: _, ...rest } = forward(backend);
  return { ...rest, capabilities: { ...backend.capabilities, syncReads: false } };
}

async function write(fixture: StoreFixture, { store, trace }: OpenedStore, first: number): Promise<void> {
  for (let from = first; from < first + 250; from += 50) {
    insertKeys(trace, from, from + 50);
    await fixture.turn();
    for (let key = from; key < from + 50; key += 10) trace.insert(key, `v${key}`, -1);
    await store.commit({ durability: from % 100 === 0 ? "relaxed" : "sync" });
  }
}

async function scanOften(fixture: StoreFixture, trace: NumberTrace): Promise<void> {
  for (let round = 0; round < 8; round++) {
    let last = -1;
    for await (const { key, weight } of trace.rows()) {
      assert(key > last, `keys ascend: ${key} came after ${last}`);
      assert(weight === 1, `the row of key ${key} has weight ${weight}`);
      last = key;
      if (key % 100 === 0) await fixture.turn();
    }
  }
}
