import { assert, assertEqual, assertSame } from "@zspine/conformance";
import { PART_ROWS } from "@zspine/core/engine";
import { z } from "zod";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture } from "../suite/store-fixture.ts";
import type { KeyRange, Trace } from "@zspine/store";

// Large batches are cut in parts; two and a half of them have two borders.
const ROWS = Math.floor(PART_ROWS * 2.5);

/** What is the same whether rows lie in one part or in several, and in O(log n). */
export const partCases: readonly StoreCase[] = [
  test("B4 ranges that begin or end about the border of a part are right, both ways", async (fixture) => {
    const trace = await openLarge(fixture, (index) => index * 2);
    for (const border of [PART_ROWS, PART_ROWS * 2]) {
      for (let key = border * 2 - 3; key <= border * 2 + 3; key++) {
        for (const reverse of [false, true]) {
          const up = key + (key & 1);
          const down = key - (key & 1);
          const keys = reverse ? [down, down - 2, down - 4] : [up, up + 2, up + 4];
          const range = reverse ? { lte: key } : { gte: key };
          assertEqual(
            await keysOf(trace, { ...range, reverse, limit: 3 }),
            keys,
            `from ${key}, reverse ${reverse}`,
          );
        }
        const within = await keysOf(trace, { gt: key - 4, lt: key + 4 });
        const expected = [-3, -2, -1, 0, 1, 2, 3].map((step) => key + step).filter((near) => near % 2 === 0);
        assertEqual(within, expected, `around ${key}`);
      }
    }
  }),

  test("B1 B4 a whole scan over several parts gives every row once, both ways", async (fixture) => {
    const trace = await openLarge(fixture, (index) => index);
    const up = await keysOf(trace);
    assertSame(up.length, ROWS, "rows");
    assert(
      up.every((key, index) => key === index),
      "a scan forward gives the keys in order",
    );
    const down = await keysOf(trace, { reverse: true });
    assertSame(down.length, ROWS, "rows in reverse");
    assert(
      down.every((key, index) => key === ROWS - 1 - index),
      "a scan in reverse gives the keys in order",
    );
  }),

  test("A6 B4 a key whose values reach over the border of a part is found whole", async (fixture) => {
    // Of every key but one there is one value; that one has values in two parts.
    const trace = await openLarge(fixture, (index) => Math.max(0, index - PART_ROWS - 100), true);
    const values = await trace.get(0);
    assertSame(values.length, PART_ROWS + 101, "values of get()");
    assert(
      values.every(({ value }, index) => value === index),
      "get() gives the values in order",
    );
    assertSame(await trace.weight(0, PART_ROWS), 1, "weight() of a value in the second part");
    assertEqual(await trace.get(1), [{ value: PART_ROWS + 101, weight: 1 }], "get() of the next key");
    assertEqual(await keysOf(trace, { gt: 0, limit: 2 }), [1, 2], "keys after it");
    assertEqual(await keysOf(trace, { lte: 0, reverse: true, limit: 2 }), [0, 0], "its last values");
  }),

  test("D5 B3 count() of one key reads that key's rows only, whatever the trace holds", async (fixture) => {
    const trace = await openLarge(fixture, (index) => index);
    trace.insert(70_000, 1);
    const { rows, rowsRead } = await trace.count({ gte: 70_000, lte: 70_000 });
    assertSame(rows, 2, "rows");
    assert(rowsRead <= 2, `expected at most 2 rows read, found ${rowsRead}`);
  }),

  test("D5 B3 get() asks each batch once, and not every row", async (fixture) => {
    const trace = await openLarge(fixture, (index) => index);
    const { batches, lookups } = trace.stats();
    for (const key of [-1, 0, 40_000, ROWS]) await trace.get(key);
    const after = trace.stats().lookups;
    const asked = sumOf(after) - sumOf(lookups);
    assert(
      asked <= 4 * batches,
      `expected at most ${4 * batches} look-ups for 4 keys in ${batches} batches, found ${asked}`,
    );
  }),

  test(
    "B3 get() answers look-ups by index once many have been made",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insertAll(Array.from({ length: 1000 }, (_, key) => ({ key: key * 2, value: "v" })));
      await store.commit();
      await store.compact();
      for (let round = 0; round < 4; round++) {
        for (let key = 0; key < 2000; key += 3) {
          assertSame((await trace.get(key)).length, key % 2 === 0 ? 1 : 0, `values of ${key}`);
        }
      }
      const { indexed, filtered, searched } = trace.stats().lookups;
      assert(
        indexed > searched && filtered > 0,
        `found ${searched} searched, ${indexed} indexed, ${filtered} filtered`,
      );
    },
    { needs: ["resident"] },
  ),
];

type LargeTrace = Trace<number, number>;

async function openLarge(
  fixture: StoreFixture,
  keyOf: (index: number) => number,
  hasValues = false,
): Promise<LargeTrace> {
  const store = await fixture.open();
  const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
  trace.insertBatch({
    key: Int32Array.from({ length: ROWS }, (_, index) => keyOf(index)),
    value: Int32Array.from({ length: ROWS }, (_, index) => (hasValues ? index : 0)),
  });
  await store.commit();
  await store.compact();
  return trace;
}

async function keysOf(trace: LargeTrace, range?: KeyRange<number>): Promise<number[]> {
  const keys: number[] = [];
  for await (const chunk of trace.chunks(range))
    for (let row = 0; row < chunk.length; row++) keys.push(chunk.key[row]!);
  return keys;
}

function sumOf(lookups: {
  readonly filtered: number;
  readonly indexed: number;
  readonly searched: number;
}): number {
  return lookups.filtered + lookups.indexed + lookups.searched;
}
