import {
  assert,
  assertEqual,
  assertSame,
  chaos,
  recording,
  type RecordingBackend,
} from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { z } from "zod";
import { readChunks, tripleOf } from "../sample/content.ts";
import { NEVER } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture, StoreWish } from "../suite/store-fixture.ts";
import type { Store, Trace } from "@zspine/store";

const durable = { needs: ["durable"] } as const;
const unmoved = { needs: ["durable", "unmoved"] } as const;

const INTEGERS = { key: z.int32(), value: z.int32() };
type IntegerTrace = Trace<number, number>;

/** Merges of stored batches: few batches, little written, and true counts of what there is. */
export const durableMergeCases: readonly StoreCase[] = [
  test(
    "L2 D7 after 1,000 commits, and after restarts between them, batches are few",
    async (fixture) => {
      const place = fixture.newPlace();
      let most = 0;
      for (let session = 0; session < 4; session++) {
        const { store, trace } = await fixture.openTrace({}, place);
        for (let n = 0; n < 250; n++) {
          const key = session * 250 + n;
          for (let i = 0; i < 10; i++) trace.insert((key * 7919 + i * 104_729) % 100_000, "v");
          await store.commit({ durability: "relaxed" });
          most = Math.max(most, trace.stats().batches);
        }
        await store.finishMerges();
        const { batches } = trace.stats();
        assert(batches <= 20, `expected at most 20 batches at rest, found ${batches}`);
        await store.close();
      }
      assert(most <= 100, `expected at most 100 batches at any time, found ${most}`);
      const { trace } = await fixture.openTrace({}, place);
      assertSame(trace.totalWeight, 10_000, "totalWeight");
    },
    { ...durable, isSlow: true },
  ),

  test(
    "L3 stored batches stand on levels, and each row is written few times",
    async (fixture) => {
      const { store, trace } = await openIntegers(fixture, {});
      for (let from = 0; from < 40_000; from += 400) {
        insertSpread(trace, from, from + 400);
        await store.commit({ durability: "relaxed" });
        // Merging that falls behind makes fewer and larger batches.
        await store.finishMerges();
      }
      const { levels, mergedRowsOut } = trace.stats();
      assert(levels.length >= 2, `expected several levels, found ${levels.length}`);
      assert(
        levels.every(({ batches }) => batches <= 8),
        "no level holds many batches",
      );
      assert(
        mergedRowsOut < 10 * 40_000,
        `expected each row to be written a few times, found ${mergedRowsOut}`,
      );
      assertSame((await trace.count()).rows, 40_000, "count()");
    },
    { ...durable, isSlow: true },
  ),

  test(
    "L4 L5 a merge of ranges that lie apart carries their blocks over unread and unwritten",
    async (fixture) => {
      let counted: RecordingBackend | undefined;
      const wrap = (backend: Backend): Backend => (counted = recording(backend));
      const { store, trace } = await openIntegers(fixture, { strategy: NEVER, wrap, cacheBytes: 0 });
      for (const from of [0, 1_000_000, 2_000_000]) {
        insertNoise(trace, from, from + 50_000);
        await store.commit();
      }
      const { storedBytes } = store.stats();
      counted!.resetCounts();
      await store.compact();
      const { write, createHead, get, getSync } = counted!.counts();
      const [written, read] = [write.bytes + createHead.bytes, get.bytes + getSync.bytes];
      assert(
        written < storedBytes / 5,
        `expected far fewer bytes written than ${storedBytes}, found ${written}`,
      );
      assert(read < storedBytes / 5, `expected far fewer bytes read than ${storedBytes}, found ${read}`);
      assertSame(trace.stats().batches, 1, "batches");
      await assertNoise(store, trace, 150_000);
      const reopened = await fixture.reopen(store);
      await assertNoise(reopened, await reopened.trace("t", INTEGERS), 150_000);
    },
    unmoved,
  ),

  test(
    "L4 L5 a small batch within a large one is merged at the cost of the blocks that it touches",
    async (fixture) => {
      const { store, trace } = await openIntegers(fixture, { strategy: NEVER });
      insertNoise(trace, 0, 200_000);
      await store.commit();
      const { storedBytes } = store.stats();
      for (let key = 100_000; key < 100_050; key++) trace.insert(key, -1);
      await store.commit();
      const before = store.stats().mergeBytesWritten;
      await store.compact();
      const written = store.stats().mergeBytesWritten - before;
      assert(written < storedBytes / 4, `expected far fewer bytes than ${storedBytes}, found ${written}`);
      assertEqual([trace.stats().batches, (await trace.count()).rows], [1, 200_050], "batches and rows");
      assertSame((await store.verify()).isSound, true, "verify()");
      const more = await trace.get(100_010);
      assertSame(more.length, 2, "values of a key in both");
    },
    durable,
  ),

  test(
    "L4 merges upon merges of parts that lie apart and parts that do not keep every row, in random courses",
    async (fixture) => {
      for (let round = 0; round < 4; round++) await carryingCourse(fixture);
    },
    { ...durable, isSeeded: true, isSlow: true },
  ),

  test(
    "L13 D6 stats() tells the bytes of stored batches as they lie in the backend",
    async (fixture) => {
      let counted: RecordingBackend | undefined;
      const wrap = (backend: Backend): Backend => (counted = recording(backend));
      const { store, trace } = await openIntegers(fixture, { wrap });
      const other = (await store.trace("other", INTEGERS)) as IntegerTrace;
      insertNoise(other, 5_000_000, 5_010_000);
      for (const from of [0, 1_000_000, 500_000, 100_000, 100_500]) {
        insertNoise(trace, from, from + 30_000);
        await store.commit();
      }
      insertNoise(trace, 100_000, 100_010);
      await store.commit();
      await store.compact();
      const stats = store.stats();
      const sizes = await sizesOf(counted!);
      assertSame(stats.storedBytes, sizes, "storedBytes, and the sizes of all values in the backend");
      const sum = Object.values(stats.traces).reduce((bytes, { storedBytes }) => bytes + storedBytes, 0);
      assertSame(sum, sizes, "storedBytes of all traces");
      const reopened = await fixture.reopen(store);
      assertSame(reopened.recovery.storedBytes, sizes, "storedBytes of recovery");
      assertSame(reopened.stats().storedBytes, sizes, "storedBytes after reopening");
    },
    durable,
  ),

  test(
    "L13 stats() tells the bytes that commits and merges have written",
    async (fixture) => {
      let counted: RecordingBackend | undefined;
      const wrap = (backend: Backend): Backend => (counted = recording(backend));
      const { store, trace } = await openIntegers(fixture, { wrap, strategy: NEVER });
      for (let n = 0; n < 5; n++) {
        insertSpread(trace, n * 3000, n * 3000 + 3000);
        await store.commit();
      }
      await store.compact();
      const { write, createHead } = counted!.counts();
      const { commitBytesWritten, mergeBytesWritten, spillBytesWritten } = store.stats();
      const written = commitBytesWritten + mergeBytesWritten + spillBytesWritten;
      assertSame(written, write.bytes + createHead.bytes, "bytes written");
      assert(mergeBytesWritten > 0, "merges have written some of them");
    },
    durable,
  ),

  test(
    "L2 C14 a merge whose medium fails is told, loses nothing, and is made once the medium is sound again",
    async (fixture) => {
      let isFull = false;
      const plan = ({ method }: { readonly method: string }) =>
        isFull && method === "write" ? ({ type: "full" } as const) : undefined;
      const wrap = (backend: Backend): Backend => chaos(backend, { plan });
      const { store, trace } = await openIntegers(fixture, { wrap });
      let told = 0;
      store.on("mergeFailure", ({ trace: name }) => (told += Number(name === trace.name)));
      isFull = true;
      for (let n = 0; n < 12; n++) {
        insertSpread(trace, n * 300, n * 300 + 300);
        await store.commit();
      }
      await fixture.settles(
        store.finishMerges().catch(() => undefined),
        "finishMerges() on a full medium",
      );
      assert(told > 0, "expected mergeFailure to tell of it");
      assertSame((await trace.count()).rows, 3600, "count() while it is full");
      isFull = false;
      insertSpread(trace, 3600, 3900);
      await store.commit();
      await store.finishMerges();
      assert(
        trace.stats().batches <= 8,
        `expected the merges to be made, found ${trace.stats().batches} batches`,
      );
      assertSame((await trace.count()).rows, 3900, "count()");
    },
    durable,
  ),

  test(
    "C18 commits of 200 rows into 10⁵ and into 10⁶ rows write less than 64 KiB, and nearly as much as each other",
    async (fixture) => {
      const written: number[] = [];
      for (const rows of [100_000, 1_000_000]) {
        let counted: RecordingBackend | undefined;
        const wrap = (backend: Backend): Backend => (counted = recording(backend));
        const { store, trace } = await openIntegers(fixture, { wrap });
        insertNoise(trace, 0, rows);
        await store.commit();
        await store.finishMerges();
        counted!.resetCounts();
        insertNoise(trace, 2_000_000, 2_000_200);
        await store.commit();
        const { write, createHead, get, getSync } = counted!.counts();
        assertSame(get.calls + getSync.calls, 0, "reads of the commit");
        written.push(write.bytes + createHead.bytes);
        await store.close();
      }
      const [few, many] = written as [number, number];
      assert(many < 65_536, `expected less than 64 KiB, found ${many} bytes`);
      assert(
        Math.abs(many - few) < 1024,
        `expected as many bytes whatever the size, found ${few} and ${many}`,
      );
    },
    unmoved,
  ),
];

async function openIntegers(
  fixture: StoreFixture,
  wish: StoreWish,
): Promise<{ readonly store: Store; readonly trace: IntegerTrace }> {
  const store = await fixture.open(wish);
  return { store, trace: (await store.trace("t", INTEGERS)) as IntegerTrace };
}

/** Inserts keys in order with values that do not compress. */
function insertNoise(trace: IntegerTrace, from: number, to: number): void {
  const key = Int32Array.from({ length: to - from }, (_, at) => from + at);
  trace.insertBatch({ key, value: key.map((number) => noiseOf(number)) });
}

/** Inserts keys spread over the whole range, distinct for distinct numbers below 40,009. */
function insertSpread(trace: IntegerTrace, from: number, to: number): void {
  for (let number = from; number < to; number++) trace.insert((number * 7919) % 40_009, number % 3);
}

function noiseOf(number: number): number {
  return Math.imul(number ^ (number >>> 15), 0x2c1b3c6d) ^ (number >>> 3);
}

async function assertNoise(store: Store, trace: IntegerTrace, rows: number): Promise<void> {
  let [count, last] = [0, -1];
  for await (const chunk of trace.chunks()) {
    for (const { key, value, weight } of chunk.rows()) {
      if (key <= last || value !== noiseOf(key) || weight !== 1)
        throw new Error(`row ${count}: found ${key}, ${value}, ${weight} after ${last}`);
      last = key;
      count++;
    }
  }
  assertSame(count, rows, "rows");
  assertSame((await store.verify()).isSound, true, "verify()");
}

/** Commits runs of keys, some apart and some over each other, merges now and then, and compares with a plain sum. */
async function carryingCourse(fixture: StoreFixture): Promise<void> {
  const { random } = fixture;
  const wish = { cacheBytes: random.pick([0, 2 ** 20]), stagingRows: 1_000_000, strategy: NEVER };
  let { store, trace } = await openIntegers(fixture, wish);
  const weights = new Map<number, number>();
  for (let step = 0; step < 14; step++) {
    const from = random.int(0, 60) * 1000;
    const weight = random.pick([1, 1, -1]);
    const length = random.pick([10, 3000, 20_000]);
    const key = Int32Array.from({ length }, (_, at) => from + at * random.pick([1, 1]));
    trace.insertBatch({ key, value: key.map(() => 0), weight: new Float64Array(length).fill(weight) });
    for (const one of key) weights.set(one, (weights.get(one) ?? 0) + weight);
    await store.commit();
    if (random.chance(0.3)) await store.compact();
    if (!random.chance(0.2)) continue;
    store = await fixture.reopen(store, wish);
    trace = (await store.trace("t", INTEGERS)) as IntegerTrace;
  }
  await store.compact();
  const expected = [...weights].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
  const found = (await readChunks(trace)).map(tripleOf).map(([key, , weight]) => [key, weight]);
  assertEqual(found, expected, "rows at the end");
  assertSame((await store.verify()).isSound, true, "verify()");
  await store.close();
}

async function sizesOf(backend: Backend): Promise<number> {
  let bytes = 0;
  for await (const name of backend.list("")) bytes += (await backend.get(name))!.length;
  return bytes;
}
