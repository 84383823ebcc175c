import { ReferenceZSet, assertEqual, assertSame, type ReferenceRange } from "@zspine/conformance";
import { z } from "zod";
import { assertContent, readKeys, tripleOf } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type NumberTrace, type StoreFixture } from "../suite/store-fixture.ts";

/** Ranges of keys, in order, forward and reverse. */
export const rangeCases: readonly StoreCase[] = [
  test("T4 B2 rows() of 3 to 7 gives these keys in order", async (fixture) => {
    const trace = await openKeys(fixture, 1, 10);
    assertEqual(await readKeys(trace, { gte: 3, lte: 7 }), [3, 4, 5, 6, 7], "keys");
  }),

  test("T10 B2 rows() of a range that starts after its end gives nothing", async (fixture) => {
    const trace = await openKeys(fixture, 1, 10);
    assertEqual(await readKeys(trace, { gte: 8, lte: 3 }), [], "8 to 3");
    assertEqual(await readKeys(trace, { gt: 5, lt: 5 }), [], "after 5, before 5");
    assertEqual(await readKeys(trace, { gt: 5, lte: 5, reverse: true }), [], "after 5, up to 5");
  }),

  test("T11 B2 rows() without a start gives all up to the end, and the end", async (fixture) => {
    const trace = await openKeys(fixture, 1, 7);
    assertEqual(await readKeys(trace, { lte: 5 }), [1, 2, 3, 4, 5], "keys");
  }),

  test("T12 B2 rows() without an end gives all from the start, and the start", async (fixture) => {
    const trace = await openKeys(fixture, 1, 7);
    assertEqual(await readKeys(trace, { gte: 4 }), [4, 5, 6, 7], "keys");
  }),

  test("T13 B2 rows() from a key that is absent begins at the next", async (fixture) => {
    const { trace } = await fixture.openTrace();
    for (const key of [2, 4, 6]) trace.insert(key, "v");
    assertEqual(await readKeys(trace, { gte: 3, lte: 5 }), [4], "3 to 5");
    assertEqual(await readKeys(trace, { gte: 3, lte: 5, reverse: true }), [4], "3 to 5 in reverse");
  }),

  test("T7 B2 rows() of one key gives all its values, negative ones first, and no neighbour", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    for (const value of [3, -1, 0, -5]) trace.insert(1, value);
    for (const key of [0, 2]) trace.insert(key, -7);
    await assertContent(
      trace,
      [-5, -1, 0, 3].map((value) => [1, value, 1] as const),
      "of key 1",
      { gte: 1, lte: 1 },
    );
  }),

  test("D4 B2 rows() from a negative key on gives the negative keys too", async (fixture) => {
    const { trace } = await fixture.openTrace();
    for (const key of [-5, -1, 0, 4]) trace.insert(key, "v");
    assertEqual(await readKeys(trace, { gte: -1 }), [-1, 0, 4], "from −1");
    assertEqual(await readKeys(trace, { gt: -9, lt: 0 }), [-5, -1], "between −9 and 0");
  }),

  test("B2 B4 rows() agrees with the reference for every pair of bounds and limits, both ways", async (fixture) => {
    const trace = await openKeys(fixture, 0, 8);
    const reference = new ReferenceZSet<number, string>({
      compareKeys: (a, b) => a - b,
      compareValues: (a, b) => Number(a > b) - Number(a < b),
    });
    for (let key = 0; key <= 8; key++) reference.insert(key, `v${key}`);
    for (const range of allRanges()) {
      const expected = reference.rows(range).map(tripleOf);
      await assertContent(trace, expected, `of ${JSON.stringify(range)}`, range);
    }
  }),

  test("T23 B1 rows() gives all entries of two batches in order", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    for (const first of [51, 1]) {
      trace.insertAll(Array.from({ length: 50 }, (_, index) => ({ key: first + index, value: "v" })));
      await store.commit();
    }
    const expected = Array.from({ length: 100 }, (_, index) => [index + 1, "v", 1] as const);
    await assertContent(trace, expected, "in order");
  }),

  test("T24 B2 rows() of 25 to 75 in several batches gives 51 rows", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 9 });
    for (let key = 100; key >= 1; key--) trace.insert(key, "v");
    await store.commit();
    const keys = await readKeys(trace, { gte: 25, lte: 75 });
    assertEqual([keys.length, keys[0], keys.at(-1)], [51, 25, 75], "length, first and last");
  }),

  test("B1 rows() is ordered and free of zeros over many batches that overlap", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 16 });
    for (let index = 0; index < 400; index++)
      trace.insert((index * 37) % 100, `v${index % 3}`, (index % 7) - 3);
    for (let key = 0; key < 100; key += 2)
      for (const { value, weight } of await trace.get(key)) trace.insert(key, value, -weight);
    await store.commit();
    const rows = await readKeys(trace);
    assertSame(
      rows.every((key, at) => at === 0 || rows[at - 1]! <= key),
      true,
      "keys ascend",
    );
    assertSame(
      rows.some((key) => key % 2 === 0),
      false,
      "a key that was cancelled is there",
    );
  }),

  test("B4 rows() with reverse and limit 1 finds the last row at or before a key", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 4 });
    for (let key = 0; key <= 60; key += 3) trace.insert(key, "v");
    await store.commit();
    trace.insert(30, "v", -1);
    for (let key = -1; key <= 61; key++) {
      let last = key - (((key % 3) + 3) % 3);
      if (last === 30) last = 27;
      const expected = key < 0 ? [] : [last];
      assertEqual(
        await readKeys(trace, { lte: key, reverse: true, limit: 1 }),
        expected,
        `last at or before ${key}`,
      );
    }
  }),

  test("B2 limit counts rows, not keys, and 0 gives none", async (fixture) => {
    const { trace } = await fixture.openTrace();
    for (const key of [1, 2]) for (const value of ["a", "b", "c"]) trace.insert(key, value, 2);
    await assertContent(
      trace,
      [
        [1, "a", 2],
        [1, "b", 2],
      ],
      "of limit 2",
      { limit: 2 },
    );
    await assertContent(
      trace,
      [
        [2, "c", 2],
        [2, "b", 2],
      ],
      "of limit 2 in reverse",
      { limit: 2, reverse: true },
    );
    await assertContent(trace, [], "of limit 0", { limit: 0 });
    assertSame((await readKeys(trace, { limit: Infinity })).length, 6, "rows without limit");
  }),
];

async function openKeys(fixture: StoreFixture, from: number, to: number): Promise<NumberTrace> {
  // Small batches, so that ranges reach over several.
  const store = await fixture.open({ stagingRows: 3 });
  const trace = await store.trace("t", NUMBERS);
  for (let key = to; key >= from; key--) trace.insert(key, `v${key}`);
  await store.commit();
  return trace;
}

/** Every combination of bounds around four keys, ways and limits. */
function* allRanges(): Generator<ReferenceRange<number>> {
  const lowers = [{}, ...[-1, 2, 5].flatMap((key) => [{ gt: key }, { gte: key }])];
  const uppers = [{}, ...[2, 5, 9].flatMap((key) => [{ lt: key }, { lte: key }])];
  const ways = [{}, { reverse: true }, { limit: 2 }, { reverse: true, limit: 2 }];
  for (const lower of lowers)
    for (const upper of uppers) for (const way of ways) yield { ...lower, ...upper, ...way };
  yield { gt: 1, gte: 3, lt: 8, lte: 6 };
  yield { gt: 3, gte: 1, lt: 6, lte: 8, reverse: true };
}
