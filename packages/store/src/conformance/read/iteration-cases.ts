import { assert, assertEqual, assertSame } from "@zspine/conformance";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { NumberTrace, StoreFixture } from "../suite/store-fixture.ts";

/** Enumerating again, leaving early, and what is held meanwhile. */
export const iterationCases: readonly StoreCase[] = [
  test("B6 D15 rows() and chunks() may be enumerated again, and see then what is there then", async (fixture) => {
    const trace = await openRows(fixture, 3);
    const [rows, chunks] = [trace.rows(), trace.chunks()];
    const count = async (): Promise<number[]> => {
      let [ofRows, ofChunks] = [0, 0];
      for await (const _row of rows) ofRows++;
      for await (const chunk of chunks) ofChunks += chunk.length;
      return [ofRows, ofChunks];
    };
    assertEqual(await count(), [3, 3], "the first time");
    assertEqual(await count(), [3, 3], "the second time");
    trace.insert(100, "v");
    assertEqual(await count(), [4, 4], "after an insert");
  }),

  test("B6 D15 two loops over one rows() do not disturb each other", async (fixture) => {
    const trace = await openRows(fixture, 5);
    const rows = trace.rows();
    const pairs: number[] = [];
    for await (const outer of rows) {
      for await (const inner of rows) pairs.push(outer.key * 10 + inner.key);
    }
    assertSame(pairs.length, 25, "pairs");
    assertEqual([pairs[0], pairs[7], pairs.at(-1)], [0, 12, 44], "some of them");
  }),

  test("B6 D15 a loop that is left early holds nothing", async (fixture) => {
    const trace = await openRows(fixture, 500);
    for (let round = 0; round < 50; round++) {
      for await (const { key } of trace.rows()) if (key === round) break;
      for await (const chunk of trace.chunks()) if (chunk.length > 0) break;
      const rows = trace.rows()[Symbol.asyncIterator]();
      await rows.next();
      await rows.return?.();
      assertSame((await rows.next()).done, true, "an iterator that was ended");
    }
    assertSame(trace.stats().boundaries, 0, "boundaries held");
  }),

  test(
    "B6 loops that are left early do not let batches or bytes grow",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 8 });
      let most = 0;
      for (let round = 0; round < 208; round++) {
        for (let i = 0; i < 8; i++) trace.insert((round * 8 + i) % 64, "v", round % 16 < 8 ? 1 : -1);
        for await (const _row of trace.rows()) break;
        if (round % 10 === 9) await store.commit();
        most = Math.max(most, trace.stats().batches);
      }
      await store.commit();
      await store.compact();
      const { batches, memory, boundaries } = trace.stats();
      assertEqual([batches, boundaries], [0, 0], "batches and boundaries at the end, when all is cancelled");
      assert(most < 40, `expected few batches at all times, found ${most}`);
      const bytes = memory.total - memory.staged;
      assert(bytes < 4096, `expected the bytes to be given back, found ${bytes}`);
    },
    { needs: ["unmoved"] },
  ),

  test(
    "B6 a snapshot that a loop left early is closed like any other",
    async (fixture) => {
      const trace = await openRows(fixture, 100);
      const snapshot = trace.snapshot();
      for (const { key } of snapshot.rows()) if (key === 3) break;
      const rows = snapshot.rows();
      assertEqual([[...rows].length, [...rows].length], [100, 100], "rows, enumerated twice");
      snapshot.close();
      assertSame(trace.stats().boundaries, 0, "boundaries held");
    },
    { needs: ["syncSnapshots"] },
  ),

  test("B6 a key that is absent allocates nothing: all answers are one", async (fixture) => {
    const trace = await openRows(fixture, 3);
    const [first, second] = [await trace.get(77), await trace.get(78)];
    assertSame(first, second, "get() of two absent keys");
  }),
];

async function openRows(fixture: StoreFixture, count: number): Promise<NumberTrace> {
  const { store, trace } = await fixture.openTrace();
  for (let key = 0; key < count; key++) trace.insert(key, "v");
  await store.commit();
  return trace;
}
