import {
  assert,
  assertCode,
  assertEqual,
  assertRejects,
  assertSame,
  assertThrows,
  outcomeOf,
} from "@zspine/conformance";
import type { ZspineErrorCode } from "@zspine/core";
import { z } from "zod";
import { assertContent } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import {
  COMMITS,
  INSERTS,
  INVALID,
  LOOK_UPS,
  NAMES,
  RANGES,
  ROW,
  SCHEMAS,
  WEIGHTS,
  wrong,
  type Refusal,
} from "./refusal-table.ts";
import { NUMBERS, type OpenedStore, type StoreWish } from "../suite/store-fixture.ts";

/** Wrong arguments are refused by code, and a refused call changes nothing. */
export const refusalCases: readonly StoreCase[] = [
  test("L21 opening refuses options that are out of range", async (fixture) => {
    const refused: readonly StoreWish[] = [
      { stagingRows: 0 },
      { stagingRows: 1.5 },
      { stagingRows: wrong("8") },
      { batchesMax: 1 },
      { sliceMs: -1 },
      { sliceMs: NaN },
      { strategy: wrong({}) },
      wrong({ fsync: true }),
    ];
    for (const wish of refused)
      await assertRejects(INVALID, () => fixture.open(wish), `opening with ${JSON.stringify(wish)}`);
  }),

  refusals("insert(), insertAll() and insertBatch() refuse what is not of the schema", INVALID, INSERTS),
  refusals(
    "insert(), insertAll() and insertBatch() refuse what is no weight",
    "ZSPINE_WEIGHT_RANGE",
    WEIGHTS,
  ),
  refusals("look-ups refuse keys and values that are not of the schema", INVALID, LOOK_UPS),
  refusals(
    "L21 commit() refuses options and metadata that it cannot keep",
    INVALID,
    COMMITS.map(([what, options]): Refusal => [
      `commit() with ${what}`,
      ({ store }) => store.commit(wrong(options)),
    ]),
  ),
  refusals(
    "B2 L21 rows(), chunks() and count() refuse what is no range",
    INVALID,
    RANGES.flatMap(([what, range]): Refusal[] => [
      [`rows() with ${what}`, async ({ trace }) => firstOf(trace.rows(wrong(range)))],
      [`chunks() with ${what}`, async ({ trace }) => firstOf(trace.chunks(wrong(range)))],
      [`count() with ${what}`, ({ trace }) => trace.count(wrong(range))],
    ]),
  ),
  refusals(
    "trace() refuses what is no name",
    INVALID,
    NAMES.map((name): Refusal => [
      `trace() of ${JSON.stringify(name)}`,
      ({ store }) => store.trace(wrong(name), NUMBERS),
    ]),
  ),
  ...SCHEMAS.map(([what, code, options]) =>
    refusals(`trace() refuses ${what}`, code, [
      ["trace()", ({ store }) => store.trace("other", wrong(options))],
    ]),
  ),

  refusals("trace() and drop() refuse names that are not there", "ZSPINE_UNKNOWN_NAME", [
    ["trace()", ({ store }) => store.trace("missing")],
    ["drop()", ({ store }) => store.drop("missing")],
    ["drop() of an inherited name", ({ store }) => store.drop("constructor")],
  ]),

  refusals("trace() refuses other schemas for a trace that is there", "ZSPINE_SCHEMA", [
    ["another key", ({ store }) => store.trace("t", { ...NUMBERS, key: z.uint32() })],
    ["another value", ({ store }) => store.trace("t", { ...NUMBERS, value: z.string().nullable() })],
  ]),

  test("trace() refuses the same fields in another order, which is another order of rows", async (fixture) => {
    const store = await fixture.open();
    await store.trace("t", { key: z.object({ a: z.int32(), b: z.int32() }), value: z.string() });
    const reordered = { key: z.object({ b: z.int32(), a: z.int32() }), value: z.string() };
    await assertRejects("ZSPINE_SCHEMA", () => store.trace("t", reordered), "trace()");
  }),

  test(
    "insertBatch() refuses a Z-set of another schema",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      const other = await store.trace("other", { key: z.int32(), value: z.int32() });
      const before = other.snapshot();
      other.insert(1, 1);
      const after = other.snapshot();
      const delta = after.since(before);
      assertThrows("ZSPINE_SCHEMA", () => trace.insertBatch(wrong(delta)), "insertBatch()");
      await assertContent(trace, [], "are as before");
      for (const snapshot of [before, after]) snapshot.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test("since() refuses a snapshot of another trace", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const other = await store.trace("other", NUMBERS);
    const [own, foreign] = [trace.snapshot(), other.snapshot()];
    assertThrows(INVALID, () => own.since(foreign), "since()");
    for (const snapshot of [own, foreign]) snapshot.close();
  }),

  test("insertAll() applies nothing when the rows themselves throw, and rejects with what they throw", async (fixture) => {
    const { trace } = await fixture.openTrace();
    const failure = new Error("thrown by the rows");
    const rows = function* (): Generator<{ key: number; value: string }> {
      yield ROW;
      throw failure;
    };
    const outcome = await outcomeOf((async () => trace.insertAll(rows()))());
    assertSame(outcome.ok ? undefined : outcome.error, failure, "what insertAll() throws");
    await assertContent(trace, [], "are as before");
  }),

  test(
    "insertAll() of rows that read the trace as they come is all or nothing",
    async (fixture) => {
      const { trace } = await fixture.openTrace();
      for (let key = 0; key < 3; key++) trace.insert(key, "v");
      const rows = function* (
        ending: readonly { key: number; value: string }[],
      ): Generator<{ key: number; value: string }> {
        const snapshot = trace.snapshot();
        for (const { key, value } of snapshot.rows()) yield { key: key + 10, value };
        snapshot.close();
        yield* ending;
      };
      const before = [0, 1, 2].map((key) => [key, "v", 1] as const);
      assertThrows(INVALID, () => trace.insertAll(rows([{ key: 0.5, value: "v" }])), "insertAll()");
      await assertContent(trace, before, "after a refusal");
      assertSame(trace.totalWeight, 3, "totalWeight after a refusal");
      // It may be refused as a whole, with what to do instead.
      const outcome = await outcomeOf((async () => trace.insertAll(rows([])))());
      if (!outcome.ok) assertCode(outcome.error, INVALID, "insertAll()");
      const more = outcome.ok ? [10, 11, 12].map((key) => [key, "v", 1] as const) : [];
      await assertContent(trace, [...before, ...more], "after an insert");
      const count = 3 + more.length;
      assertEqual(
        [trace.totalWeight, trace.stats().insertedRows],
        [count, count],
        "totalWeight and insertedRows",
      );
    },
    { needs: ["syncSnapshots"] },
  ),

  test("validate makes every way of inserting run the schema's refinements, all or nothing", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", { key: z.int32().min(1), value: z.string().max(3), validate: true });
    trace.insert(1, "abc");
    const long = { key: 2, value: "long text" };
    assertThrows(INVALID, () => trace.insert(2, long.value), "insert()");
    assertThrows(INVALID, () => trace.insertAll([ROW, long]), "insertAll()");
    assertThrows(
      INVALID,
      () => trace.insertBatch({ key: [2, 3], value: ["b", "long text"] }),
      "insertBatch()",
    );
    await assertContent(trace, [[1, "abc", 1]], "are as before");
  }),
];

/** One case for a table of calls that are all refused by one code. */
function refusals(name: string, code: ZspineErrorCode, calls: readonly Refusal[]): StoreCase {
  return {
    name: `${name}, with ${code}`,
    run: async (fixture) => {
      const opened = await fixture.openTrace();
      const { store, trace } = opened;
      trace.insert(1, "a");
      await store.commit({ metadata: { kept: true } });
      trace.insert(5, "uncommitted");
      for (const [what, call] of calls) {
        const outcome = await outcomeOf((async () => call(opened))());
        assert(!outcome.ok, `${what}: expected ${code}, but it succeeded`);
        assertCode(outcome.error, code, what);
        await checkUnchanged(opened, what);
      }
    },
  };
}

async function checkUnchanged({ store, trace }: OpenedStore, what: string): Promise<void> {
  await assertContent(
    trace,
    [
      [1, "a", 1],
      [5, "uncommitted", 1],
    ],
    `after ${what}`,
  );
  assertEqual([trace.totalWeight, trace.size], [2, 2], `totalWeight and size after ${what}`);
  assertEqual(store.metadata, { kept: true }, `metadata after ${what}`);
  assertEqual(store.traces, ["t"], `traces after ${what}`);
  const { insertedRows, boundaries } = trace.stats();
  assertEqual(
    [store.stats().head, insertedRows, boundaries],
    [1, 2, 0],
    `head, rows inserted and boundaries after ${what}`,
  );
}

async function firstOf(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _row of rows) return;
}
