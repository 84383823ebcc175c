import { assert, assertEqual, assertSame, assertThrows } from "@zspine/conformance";
import { ZSet } from "@zspine/core";
import { z } from "zod";
import { tripleOf } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type NumberTrace, type StoreFixture } from "../suite/store-fixture.ts";

/** Look-ups of one key and of many. */
export const lookUpCases: readonly StoreCase[] = [
  test("B7 getMany() of 4,096 absent keys gives nothing for each, at one look-up a key and batch", async (fixture) => {
    const trace = await openEvenKeys(fixture);
    const { batches, lookups } = trace.stats();
    const found = await trace.getMany(Array.from({ length: 4096 }, (_, index) => index * 2 + 1));
    assertSame(found.length, 4096, "answers");
    assert(
      found.every((values) => values.length === 0),
      "a key that is absent has no values",
    );
    const { filtered, indexed, searched } = trace.stats().lookups;
    const asked = filtered + indexed + searched - lookups.filtered - lookups.indexed - lookups.searched;
    assert(asked <= 4096 * batches, `expected at most ${4096 * batches} look-ups, found ${asked}`);
  }),

  test(
    "B7 getMany() answers in the order of the keys, which is any",
    async (fixture) => {
      const trace = await openEvenKeys(fixture);
      const keys = fixture.random.shuffle(Array.from({ length: 300 }, (_, index) => index - 20));
      await checkMany(trace, keys);
    },
    { isSeeded: true },
  ),

  test("B7 getMany() answers a key each time that it is asked for", async (fixture) => {
    const trace = await openEvenKeys(fixture);
    await checkMany(trace, [4, 4, 3, 4, 3, 0, 0, 8, 4]);
    await checkMany(trace, [6, 6, 6]);
  }),

  test("B7 getMany() of no keys gives no answers", async (fixture) => {
    const trace = await openEvenKeys(fixture);
    assertEqual(await trace.getMany([]), [], "getMany([])");
  }),

  test(
    "B7 getMany() agrees with get() before and after an index is built",
    async (fixture) => {
      const trace = await openEvenKeys(fixture);
      const keys = Array.from({ length: 500 }, (_, index) => (index * 7) % 250);
      for (let round = 0; round < 4; round++) await checkMany(trace, keys);
      assert(trace.stats().lookups.indexed > 0, "so many look-ups are worth an index");
    },
    { needs: ["resident"] },
  ),

  test("B7 T27 look-ups answer from an empty trace, from staged rows and from committed ones", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    assertEqual(await trace.getMany([1, 2]), [[], []], "getMany() of an empty trace");
    assertEqual(
      [await trace.get(1), await trace.has(1), await trace.weight(1, "a")],
      [[], false, 0],
      "an empty trace",
    );
    for (let key = 0; key < 10; key++) trace.insert(key, "a");
    assertEqual(await trace.get(9), [{ value: "a", weight: 1 }], "get() of a staged row");
    await store.commit();
    assertEqual(
      await trace.getMany([0, 10]),
      [[{ value: "a", weight: 1 }], []],
      "getMany() of committed rows",
    );
  }),

  test("A6 has() and get() agree for keys whose values were all cancelled in another batch", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    for (const value of ["a", "b"]) trace.insert(1, value);
    await store.commit();
    trace.insert(1, "a", -1);
    assertSame(await trace.has(1), true, "has() with one value left");
    trace.insert(1, "b", -1);
    assertSame(await trace.has(1), false, "has() with none left");
    assertEqual(await trace.getMany([1]), [[]], "getMany()");
  }),

  test(
    "B7 semijoin() keeps the rows of the keys of a set, and multiplies weights by those of the keys",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 3 });
      for (let key = 0; key < 10; key++) trace.insert(key, "v", key - 4);
      trace.insert(3, "w", 2);
      await store.commit();
      trace.insert(3, "v");
      const keys = ZSet.from(NUMBERS.key, [
        { item: 9, weight: -1 },
        { item: 3, weight: 2 },
        { item: 4 },
        { item: 77 },
      ]);
      const snapshot = trace.snapshot();
      const kept = [...snapshot.semijoin(keys)].map(tripleOf);
      assertEqual(
        kept,
        [
          [3, "w", 4],
          [9, "v", -5],
        ],
        "rows",
      );
      const others = ZSet.from(z.string(), [{ item: "3" }]);
      assertThrows(
        "ZSPINE_SCHEMA",
        () => snapshot.semijoin(others as never),
        "semijoin() with keys of another schema",
      );
      snapshot.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test("A6 a trace that has only keys takes undefined as its values", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", { key: z.string(), value: z.undefined() });
    trace.insert("a", undefined, 2);
    trace.insertBatch({ key: ["b", "a"], value: [undefined, undefined], weight: [1, -1] });
    assertSame(await trace.weight("a", undefined), 1, "weight()");
    assertEqual(await trace.get("b"), [{ value: undefined, weight: 1 }], "get()");
  }),
];

/** Even keys from 0 to 398 in several batches; key 4 has two values. */
async function openEvenKeys(fixture: StoreFixture): Promise<NumberTrace> {
  const { store, trace } = await fixture.openTrace({ stagingRows: 40 });
  for (let key = 398; key >= 0; key -= 2) trace.insert(key, `v${key}`);
  trace.insert(4, "another");
  await store.commit();
  return trace;
}

async function checkMany(trace: NumberTrace, keys: readonly number[]): Promise<void> {
  const expected = keys.map((key) => {
    if (key < 0 || key > 398 || key % 2 !== 0) return [];
    const own = { value: `v${key}`, weight: 1 };
    return key === 4 ? [{ value: "another", weight: 1 }, own] : [own];
  });
  assertEqual(await trace.getMany(keys), expected, "getMany()");
  assertEqual(await Promise.all(keys.map((key) => trace.get(key))), expected, "get() of each");
}
