import { assert, assertSame } from "@zspine/conformance";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { NumberTrace, OpenedStore, StoreFixture } from "../suite/store-fixture.ts";

const WRITERS = 4;
const KEYS = 250;
const CHUNK = 50;
const READERS = 2;
const SCANS = 5;

/** Readers and writers at the same time: as one thread has it, with turns in between. */
export const concurrencyCases: readonly StoreCase[] = [
  test(`T46 L19 D10 ${WRITERS} writers and ${READERS} readers at the same time: scans are ordered, and no weight is lost`, async (fixture) => {
    const opened = await fixture.openTrace({ stagingRows: 32 });
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(fixture, opened, writer * KEYS));
    const readers = Array.from({ length: READERS }, () => scan(fixture, opened.trace));
    await Promise.all([...writers, ...readers]);
    await opened.store.compact();
    const { rows } = await opened.trace.count();
    assertSame(rows, WRITERS * KEYS * 0.9, "rows at the end");
    assertSame(opened.trace.totalWeight, WRITERS * KEYS * 0.9, "totalWeight at the end");
  }),

  test("L19 D10 writers that add to the same rows lose no weight, while the store merges", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 4 });
    const writers = Array.from({ length: 5 }, async () => {
      for (let i = 0; i < 60; i++) {
        trace.insert(i % 6, "v");
        if (i % 7 === 0) await store.commit();
        else if (i % 11 === 0) await store.finishMerges();
        else if (i % 5 === 0) await fixture.turn();
      }
    });
    await Promise.all([...writers, store.compact(), store.compact()]);
    for (let key = 0; key < 6; key++) assertSame(await trace.weight(key, "v"), 50, `weight() of ${key}`);
  }),

  test("L19 compact(), commit(), discard() and reads at the same time leave what was committed", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 3 });
    for (let key = 0; key < 50; key++) trace.insert(key, "kept");
    await store.commit();
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      work.push(store.compact(), trace.count(), store.finishMerges());
      trace.insert(round, "dropped");
      await fixture.microtasks(round % 4);
      store.discard();
    }
    await Promise.all(work);
    assertSame((await trace.count()).rows, 50, "rows");
    assertSame(trace.totalWeight, 50, "totalWeight");
  }),
];

/** Inserts keys in chunks, +1 for all, and takes every tenth back. */
async function write(fixture: StoreFixture, { store, trace }: OpenedStore, first: number): Promise<void> {
  for (let from = first; from < first + KEYS; from += CHUNK) {
    const keys = Array.from({ length: CHUNK }, (_, index) => from + index);
    trace.insertAll(keys.map((key) => ({ key, value: "v" })));
    await fixture.turn();
    trace.insertAll(keys.filter((key) => key % 10 === 0).map((key) => ({ key, value: "v", weight: -1 })));
    await store.commit();
  }
}

async function scan(fixture: StoreFixture, trace: NumberTrace): Promise<void> {
  for (let round = 0; round < SCANS; round++) {
    let last = -1;
    for await (const { key, weight } of trace.rows()) {
      assert(key > last, `keys ascend: ${key} came after ${last}`);
      assert(weight !== 0, `the row of key ${key} has weight 0`);
      last = key;
      if (key % 100 === 0) await fixture.turn();
    }
    await fixture.turn();
  }
}
