import { assert, assertCode, assertSame, assertThrows } from "@zspine/conformance";
import { assertContent } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type StoreFixture } from "../suite/store-fixture.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Weights and sums that leave their range are refused, before anything is applied. */
export const overflowCases: readonly StoreCase[] = [
  test("A8 D19 a weight or a sum beyond ±(2^53 − 1) is refused, and nothing of the call is applied", async (fixture) => {
    const { store, trace } = await fixture.openTrace({ stagingRows: 3 });
    trace.insert(1, "a", MAX - 1);
    trace.insert(2, "b", 3 - MAX);
    await store.commit();
    const before = [
      [1, "a", MAX - 1],
      [2, "b", 3 - MAX],
    ] as const;
    const calls: readonly [what: string, call: () => void][] = [
      ["a sum", () => trace.insert(1, "a", 2)],
      ["a sum below", () => trace.insert(2, "b", -4)],
      ["a weight", () => trace.insert(3, "c", MAX + 1)],
      ["a total", () => trace.insert(3, "c", MAX - 1)],
      [
        "a later row",
        () =>
          trace.insertAll([
            { key: 3, value: "c" },
            { key: 1, value: "a", weight: 2 },
          ]),
      ],
      [
        "a sum within the batch",
        () => trace.insertAll([8, 8].map((key) => ({ key, value: "d", weight: MAX }))),
      ],
      ["columns", () => trace.insertBatch({ key: [3, 1], value: ["c", "a"], weight: [1, 2] })],
    ];
    for (const [what, call] of calls) {
      assertThrows("ZSPINE_WEIGHT_RANGE", call, what);
      await assertContent(trace, before, `after ${what} was refused`);
      assertSame(trace.totalWeight, 2, `totalWeight after ${what} was refused`);
    }
    // Near the border the sum has to be looked at. What cannot be read at once may be refused, and only then.
    let largest = MAX;
    try {
      trace.insert(1, "a");
    } catch (error) {
      assertCode(error, "ZSPINE_WEIGHT_RANGE", "the last weight that fits");
      assert(mustWait(fixture), "the last weight that fits is refused, and the backend reads at once");
      largest = MAX - 1;
    }
    assertSame(await trace.weight(1, "a"), largest, "the largest weight");
    assertSame(trace.totalWeight, 2 + (largest - (MAX - 1)), "totalWeight with the largest weight");
  }),

  test("A8 a refused insert leaves the rows that are staged as they are, and does not repeat them", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const half = 2 ** 52;
    trace.insertAll([
      { key: 1, value: "a", weight: half },
      { key: 2, value: "b", weight: -half },
    ]);
    await store.commit();
    for (let key = 5; key < 8; key++) trace.insert(key, "staged");
    const before = trace.stats().rows;
    assertThrows("ZSPINE_WEIGHT_RANGE", () => trace.insert(1, "a", half), "insert()");
    assertThrows(
      "ZSPINE_WEIGHT_RANGE",
      () =>
        trace.insertAll([
          { key: 9, value: "c" },
          { key: 1, value: "a", weight: half },
        ]),
      "insertAll()",
    );
    assertSame(trace.totalWeight, 3, "totalWeight");
    const staged = [5, 6, 7].map((key) => [key, "staged", 1] as const);
    await assertContent(trace, [[1, "a", half], [2, "b", -half], ...staged], "are there once");
    assertSame(trace.stats().rows, before, "stats().rows");
  }),

  test(
    "A8 a Z-set whose sum with what is there leaves the range is refused",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      const other = await store.trace("other", NUMBERS);
      const before = other.snapshot();
      other.insert(1, "a", 2);
      const delta = other.snapshot().since(before);
      trace.insert(1, "a", MAX - 1);
      trace.insert(2, "b", -MAX);
      assertThrows("ZSPINE_WEIGHT_RANGE", () => trace.insertBatch(delta), "insertBatch()");
      await assertContent(
        trace,
        [
          [1, "a", MAX - 1],
          [2, "b", -MAX],
        ],
        "are as before",
      );
    },
    { needs: ["syncSnapshots"] },
  ),

  test("A8 B12 totalWeight is exact, or the batch refused, where partial sums of it leave the range", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const weights = [MAX, 2, -3];
    let expected = MAX - 1;
    try {
      trace.insertAll(weights.map((weight, key) => ({ key, value: "v", weight })));
    } catch (error) {
      assertCode(error, "ZSPINE_WEIGHT_RANGE", "insertAll()");
      expected = 0;
    }
    assertSame(trace.totalWeight, expected, "totalWeight of staged rows");
    await store.commit();
    assertSame(trace.totalWeight, expected, "totalWeight of committed rows");
  }),

  test(
    "A8 merging leaves apart what would leave the range by itself, and readers sum it up",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ stagingRows: 1 });
      trace.insert(1, "a", MAX);
      const earlier = trace.snapshot();
      trace.insert(1, "a", -MAX);
      trace.insert(1, "a", -MAX);
      await store.compact();
      await assertContent(trace, [[1, "a", -MAX]], "with a snapshot between");
      const later = trace.snapshot();
      assertThrows("ZSPINE_WEIGHT_RANGE", () => later.since(earlier), "since()");
      for (const snapshot of [earlier, later]) snapshot.close();
      await store.commit();
      await store.compact();
      await assertContent(trace, [[1, "a", -MAX]], "when it is closed");
      assertSame(trace.totalWeight, -MAX, "totalWeight");
    },
    { needs: ["syncSnapshots"] },
  ),
];

/** Whether rows that are committed cannot be read at once. */
function mustWait({ capabilities }: StoreFixture): boolean {
  return capabilities.durable && !capabilities.syncReads;
}
