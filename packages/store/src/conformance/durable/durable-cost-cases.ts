import { assert, assertEqual, assertSame, recording, type RecordingBackend } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { z } from "zod";
import { readChunks } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture, StoreWish } from "../suite/store-fixture.ts";
import type { Store, Trace } from "@zspine/store";

const durable = { needs: ["durable"] } as const;
const unmoved = { needs: ["durable", "unmoved"] } as const;

const ROWS = 200_000;
const SCHEMAS = { key: z.int32(), value: z.number() };

interface Large {
  readonly store: Store;
  /** Even keys from 0 up to 2 × {@link ROWS}, one batch. */
  readonly trace: Trace<number, number>;
  readonly counted: RecordingBackend;
}

/** What reading stored rows costs, in calls and bytes of the backend. */
export const durableCostCases: readonly StoreCase[] = [
  test(
    "L6 B3 B7 keys that are absent read no blocks, once their filters are in memory",
    async (fixture) => {
      const { trace, counted } = await openLarge(fixture);
      const absent = Array.from({ length: 2000 }, () => fixture.random.int(0, ROWS - 1) * 2 + 1);
      for (const key of absent.slice(0, 1000)) await trace.has(key);
      const before = trace.stats().lookups.filtered;
      counted.resetCounts();
      let found = 0;
      for (const key of absent.slice(1000)) if ((await trace.get(key)).length > 0) found++;
      assertSame(found, 0, "absent keys that are found");
      const { get, getSync } = counted.counts();
      assert(get.calls + getSync.calls < 60, `expected hardly any reads, found ${get.calls + getSync.calls}`);
      const filtered = trace.stats().lookups.filtered - before;
      assert(filtered > 900, `expected filters to answer for nearly all of 1,000 keys, found ${filtered}`);
      for (const key of [-1, ROWS * 2 + 1]) assertEqual(await trace.get(key), [], "a key beyond all");
    },
    { ...unmoved, isSeeded: true },
  ),

  test(
    "L7 B3 D3 D5 a look-up, and a range of one key, in a large trace read one block of it",
    async (fixture) => {
      const { store, trace, counted } = await openLarge(fixture, { cacheBytes: 0 });
      const perBlock = store.stats().storedBytes / (await store.verify()).blocks;
      const reads = {
        get: async (key: number) => (await trace.get(key)).length,
        weight: (key: number) => trace.weight(key, valueOf(key)),
        rows: async (key: number) => (await readChunks(trace, { gte: key, lte: key })).length,
        limited: async (key: number) => (await readChunks(trace, { gte: key, limit: 1 })).length,
        reverse: async (key: number) =>
          (await readChunks(trace, { lte: key, limit: 1, reverse: true })).length,
      };
      for (const [what, read] of Object.entries(reads)) {
        for (const key of [0, 2 * 123_456, 2 * (ROWS - 1)]) {
          counted.resetCounts();
          assertSame(await read(key), 1, `${what} of ${key}`);
          const { get, getSync } = counted.counts();
          const [calls, bytes] = [get.calls + getSync.calls, get.bytes + getSync.bytes];
          assert(calls <= 3 && bytes <= 4 * perBlock, `${what} of ${key}: ${calls} reads of ${bytes} bytes`);
        }
      }
    },
    unmoved,
  ),

  test(
    "L8 the cache stays within cacheBytes, whatever is read",
    async (fixture) => {
      const budgetBytes = 700_000;
      const { store, trace } = await openLarge(fixture, { cacheBytes: budgetBytes });
      for (let round = 0; round < 300; round++) {
        const key = fixture.random.int(0, ROWS - 1) * 2;
        assertSame((await trace.get(key))[0]?.value, valueOf(key), `get(${key})`);
        const { cache } = store.stats();
        assert(cache.bytes <= budgetBytes, `expected at most ${budgetBytes} bytes, found ${cache.bytes}`);
      }
      await trace.getMany(Array.from({ length: 3000 }, () => fixture.random.int(0, ROWS) * 2));
      const { cache } = store.stats();
      assertSame(cache.budgetBytes, budgetBytes, "budgetBytes");
      assert(cache.bytes > 0 && cache.bytes <= budgetBytes, `bytes: ${cache.bytes}`);
    },
    { ...durable, isSeeded: true },
  ),

  test(
    "L8 cacheBytes: 0 keeps nothing, and every read is right",
    async (fixture) => {
      const { store, trace } = await openLarge(fixture, { cacheBytes: 0 });
      for (let round = 0; round < 3; round++) {
        for (const key of [0, 1, 2, 100_000, 100_001])
          assertEqual(
            await trace.get(key),
            key % 2 === 0 ? [{ value: valueOf(key), weight: 1 }] : [],
            `get(${key})`,
          );
      }
      assertEqual(
        [store.stats().cache.bytes, store.stats().cache.hits],
        [0, 0],
        "bytes and hits of the cache",
      );
      assertSame((await trace.count({ gte: 10, lt: 20 })).rows, 5, "count()");
    },
    durable,
  ),

  test(
    "B10 L8 a scan of everything does not push out what look-ups have warmed",
    async (fixture) => {
      const { store, trace, counted } = await openLarge(fixture, { cacheBytes: 2 ** 20 });
      const hot = [20, 40_000, 2 * (ROWS - 1)];
      for (let round = 0; round < 2; round++) for (const key of hot) await trace.get(key);
      for await (const chunk of trace.chunks()) void chunk;
      for await (const chunk of trace.chunks({ reverse: true })) void chunk;
      const before = store.stats().cache;
      counted.resetCounts();
      for (const key of hot) assertSame((await trace.get(key)).length, 1, `get(${key})`);
      const after = store.stats().cache;
      assertSame(after.misses, before.misses, "misses");
      assert(after.hits > before.hits, "hits grow");
      assertSame(counted.counts().get.calls + counted.counts().getSync.calls, 0, "reads of the backend");
    },
    unmoved,
  ),

  test(
    "B11 a scan of far more than the cache reads as it goes, and no more than a window ahead",
    async (fixture) => {
      const { store, trace, counted } = await openLarge(fixture, { cacheBytes: 100_000 });
      const { storedBytes } = store.stats();
      counted.resetCounts();
      let rows = 0;
      for await (const chunk of trace.chunks()) {
        rows += chunk.length;
        const read = counted.counts().get.bytes + counted.counts().getSync.bytes;
        const due = (rows / ROWS) * storedBytes;
        assert(
          read <= due + 1.5 * 2 ** 20,
          `after ${rows} rows ${read} bytes are read, and ${Math.round(due)} are due`,
        );
      }
      assertSame(rows, ROWS, "rows");
      const read = counted.counts().get.bytes + counted.counts().getSync.bytes;
      assert(
        read <= storedBytes * 1.05,
        `expected each byte to be read once, found ${read} of ${storedBytes}`,
      );
    },
    unmoved,
  ),

  test(
    "B6 B11 a scan that is left early reads no more",
    async (fixture) => {
      const { store, trace, counted } = await openLarge(fixture);
      counted.resetCounts();
      for await (const row of trace.rows()) if (row.key >= 20) break;
      const { get, getSync } = counted.counts();
      const few = store.stats().storedBytes / 8;
      assert(
        get.bytes + getSync.bytes <= few,
        `expected at most ${few} bytes read, found ${get.bytes + getSync.bytes}`,
      );
    },
    unmoved,
  ),

  test(
    "B12 D6 count(), size and totalWeight of one large stored batch read nothing",
    async (fixture) => {
      const { trace, counted } = await openLarge(fixture);
      counted.resetCounts();
      assertEqual(
        [(await trace.count()).rows, trace.size, trace.totalWeight],
        [ROWS, ROWS, ROWS],
        "what they tell",
      );
      assertEqual([counted.counts().get.calls, counted.counts().getSync.calls], [0, 0], "reads");
      assertSame((await trace.count({ gte: 100, lt: 300_000 })).rows, 149_950, "count() of a range");
      assert(
        counted.counts().get.calls + counted.counts().getSync.calls <= 2,
        "a range reads the blocks at its ends",
      );
    },
    unmoved,
  ),
];

/** Opens a store anew over a large batch, so that nothing of it is in memory. */
async function openLarge(fixture: StoreFixture, wish: StoreWish = {}): Promise<Large> {
  const place = fixture.newPlace();
  const writer = await fixture.open({}, place);
  const key = Int32Array.from({ length: ROWS }, (_, at) => at * 2);
  (await writer.trace("t", SCHEMAS)).insertBatch({ key, value: Float64Array.from(key, valueOf) });
  await writer.commit();
  await writer.compact();
  await writer.close();
  let counted: RecordingBackend | undefined;
  const wrap = (backend: Backend): Backend => (counted = recording(backend));
  const store = await fixture.open({ ...wish, wrap }, place);
  const trace = await store.trace("t", SCHEMAS);
  assertSame(trace.stats().batches, 1, "batches");
  return { store, trace, counted: counted! };
}

/** Values that no encoding makes short. */
function valueOf(key: number): number {
  return Math.sin(key) * 1e6;
}
