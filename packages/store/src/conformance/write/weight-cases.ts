import { assert, assertEqual, assertSame, recording, type RecordingBackend } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { z } from "zod";
import { assertContent, readChunks, tripleOf } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS } from "../suite/store-fixture.ts";

/** Weights add up, and nothing else happens to them. */
export const weightCases: readonly StoreCase[] = [
  test("A1 insertAll() adds up equal rows of one batch", async (fixture) => {
    const { trace } = await fixture.openTrace();
    trace.insertAll([
      { key: 1, value: "a" },
      { key: 1, value: "a", weight: 4 },
      { key: 1, value: "b" },
      { key: 1, value: "a", weight: -2 },
    ]);
    await assertContent(
      trace,
      [
        [1, "a", 3],
        [1, "b", 1],
      ],
      "gives each row once",
    );
  }),

  test("A1 insertBatch() adds up equal rows of one batch of columns", async (fixture) => {
    const { trace } = await fixture.openTrace();
    trace.insertBatch({ key: Int32Array.of(2, 1, 2), value: ["x", "y", "x"], weight: [1, 1, 5] });
    await assertContent(
      trace,
      [
        [1, "y", 1],
        [2, "x", 6],
      ],
      "gives each row once",
    );
  }),

  test("T1 A2 get() finds what was stored, and nothing for a key that was not, after compact()", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insertAll(["One", "Two", "Three"].map((value, index) => ({ key: index + 1, value })));
    await store.commit();
    await store.compact();
    assertEqual(await trace.get(1), [{ value: "One", weight: 1 }], "get(1)");
    assertEqual(await trace.get(4), [], "get(4)");
  }),

  test("T2 A2 a row whose weights come to 0 is gone, before and after compact()", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a", 2);
    await store.commit();
    trace.insert(1, "a", -2);
    assertEqual(await trace.get(1), [], "get() before");
    assertSame(await trace.has(1), false, "has() before");
    await store.commit();
    await store.compact();
    assertEqual(await trace.get(1), [], "get() after");
    assertSame(await trace.has(1), false, "has() after");
    await assertContent(trace, [], "give nothing");
  }),

  test("T3 A2 rows() leaves out weight 0 and keeps negative weights", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const weights = [1, 2, 3, 0, -1];
    trace.insertAll(weights.map((weight, index) => ({ key: index + 1, value: "v", weight })));
    const expected = [
      [1, "v", 1],
      [2, "v", 2],
      [3, "v", 3],
      [5, "v", -1],
    ] as const;
    await assertContent(trace, expected, "before compact()");
    await store.commit();
    await store.compact();
    await assertContent(trace, expected, "after compact()");
  }),

  test("T43 A2 weights of many batches add up and zeros are eliminated", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 2 });
    for (const weight of [5, -2, 3]) trace.insert(1, "kept", weight);
    for (const weight of [4, -1, -3]) trace.insert(2, "gone", weight);
    await store.commit();
    await assertContent(trace, [[1, "kept", 6]], "give what is left");
    assertSame(trace.totalWeight, 6, "totalWeight");
  }),

  test("T22 A2 weights of one row that came in three commits merge: +2 +3 −1 is 4", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    for (const weight of [2, 3, -1]) {
      trace.insert(7, "x", weight);
      await store.commit();
    }
    assertEqual(await trace.get(7), [{ value: "x", weight: 4 }], "get(7)");
    assertSame(await trace.weight(7, "x"), 4, "weight()");
  }),

  test("A2 D2 what is not committed adds to what is, and shadows nothing", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    trace.insert(2, "b");
    await store.commit();
    await store.compact();
    trace.insert(1, "a");
    trace.insert(2, "b", -1);
    assertEqual(await trace.get(1), [{ value: "a", weight: 2 }], "a second +1");
    assertEqual(await trace.get(2), [], "+1 and −1");
    assertSame(trace.totalWeight, 2, "totalWeight");
  }),

  test("A3 a weight of 0 changes nothing, one by one, in bulk and in columns", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    await store.commit();
    trace.insert(1, "a", 0);
    trace.insertAll([{ key: 2, value: "b", weight: 0 }]);
    trace.insertBatch({ key: [3, 1], value: ["c", "a"], weight: [0, 0] });
    await assertContent(trace, [[1, "a", 1]], "are as before");
    assertSame(trace.totalWeight, 1, "totalWeight");
    assertSame(trace.size, 1, "size, once read");
    assertSame(trace.stats().insertedRows, 1, "stats().insertedRows");
  }),

  test("A4 D1 a key keeps each of its values with a weight of its own", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "A");
    trace.insert(1, "B");
    const expected = [
      [1, "A", 1],
      [1, "B", 1],
    ] as const;
    await assertContent(trace, expected, "in one batch");
    await store.commit();
    trace.insert(1, "C", -1);
    await store.commit();
    await store.compact();
    await assertContent(trace, [...expected, [1, "C", -1]], "in several");
  }),

  test(
    "A5 the same rows in one batch, in many, and in any order are the same content",
    async (fixture) => {
      const store = await fixture.open({ stagingRows: 5 });
      const rows = Array.from({ length: 60 }, (_, index) => ({
        key: (index * 7) % 9,
        value: `v${index % 4}`,
        weight: (index % 5) - 2,
      }));
      const whole = await store.trace("whole", NUMBERS);
      whole.insertAll(rows);
      const single = await store.trace("single", NUMBERS);
      for (const { key, value, weight } of rows) single.insert(key, value, weight);
      const shuffled = await store.trace("shuffled", NUMBERS);
      for (const row of fixture.random.shuffle(rows)) shuffled.insertAll([row]);
      const expected = (await readChunks(whole)).map(tripleOf);
      await assertContent(single, expected, "one by one");
      await assertContent(shuffled, expected, "shuffled");
    },
    { isSeeded: true },
  ),

  test("A6 get() gives every value of a key in order, weight() that of one", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 2 });
    trace.insertAll(["c", "a", "b", "a"].map((value) => ({ key: 1, value })));
    trace.insert(0, "before");
    trace.insert(2, "after");
    await store.commit();
    trace.insert(1, "b", -1);
    const values = [
      { value: "a", weight: 2 },
      { value: "c", weight: 1 },
    ];
    assertEqual(await trace.get(1), values, "get(1)");
    assertSame(await trace.weight(1, "a"), 2, "weight() of a value");
    assertSame(await trace.weight(1, "b"), 0, "weight() of a value that is gone");
    assertSame(await trace.weight(9, "a"), 0, "weight() of a key that is absent");
    assertSame(await trace.has(1), true, "has()");
  }),

  test("T8 A7 D3 get() finds a key whose values are all negative", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    trace.insertAll([-10, -2].map((value) => ({ key: 1, value })));
    trace.insertAll([-10, -2, 7].map((value) => ({ key: -1, value, weight: -1 })));
    await store.commit();
    assertEqual(
      (await trace.get(1)).map(({ value }) => value),
      [-10, -2],
      "get(1)",
    );
    assertEqual(
      (await trace.get(-1)).map(({ value }) => value),
      [-10, -2, 7],
      "get(-1)",
    );
    assertSame(await trace.has(1), true, "has(1)");
  }),

  test("A10 writing looks nothing up and reads nothing from the backend", async (fixture) => {
    let counting: RecordingBackend | undefined;
    const wrap = (backend: Backend): Backend => (counting = recording(backend));
    const { store, trace } = await fixture.openTrace({ wrap });
    assert(counting !== undefined, "the store opens its backend through the environment's io()");
    counting.resetCounts();
    for (let index = 0; index < 500; index++) trace.insert(index % 50, "v", (index % 3) - 1);
    trace.insertAll(Array.from({ length: 500 }, (_, index) => ({ key: index, value: "w" })));
    trace.insertBatch({
      key: Int32Array.from({ length: 500 }, (_, index) => index),
      value: Array.from({ length: 500 }, () => "v"),
    });
    await store.commit();
    const { get, getSync, list, readHead } = counting.counts();
    assertEqual([get.calls, getSync.calls, readHead.calls], [0, 0, 0], "reads of the backend");
    // A store at a shared place looks, after its first commit, for what others have left.
    const { durable, shared } = fixture.capabilities;
    assert(list.calls <= (durable && shared ? 1 : 0), "listings of the backend");
    assertEqual(trace.stats().lookups, { filtered: 0, indexed: 0, searched: 0 }, "stats().lookups");
  }),
];
