import { assertEqual, assertSame } from "@zspine/conformance";
import { z } from "zod";
import { COLUMN_SAMPLES, type ColumnSample } from "../sample/column-sample.ts";
import { readChunks, readKeys } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture } from "../suite/store-fixture.ts";
import type { KeyRange, Store, Trace } from "@zspine/store";

type AnyTrace = Trace<unknown, unknown>;

/** The order of every type of column, wherever the rows are. */
export const orderCases: readonly StoreCase[] = [
  ...COLUMN_SAMPLES.flatMap((sample) => [
    test(
      `A9 keys of ${sample.name} are in order in many batches, in one, and in every range`,
      async (fixture) => {
        const { store, trace } = await openSample(fixture, sample);
        await checkRanges(trace, sample, "in many batches");
        await store.compact();
        await checkRanges(trace, sample, "in one batch");
      },
      { isSeeded: true },
    ),
    test(
      `A9 A6 each key of ${sample.name} is found, by search and by index, and its values are in order`,
      async (fixture) => {
        const { store, trace } = await openSample(fixture, sample);
        await checkLookUps(trace, sample);
        await store.compact();
        for (let round = 0; round < 3; round++) await checkLookUps(trace, sample);
      },
      { isSeeded: true },
    ),
  ]),

  test("A9 −0 is 0, as key and as value, and NaN is one value", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", { key: z.number(), value: z.number() });
    for (const key of [0, -0, NaN, Number.NaN]) trace.insert(key, -key);
    const rows = (await readChunks(trace)).map(({ key, value, weight }) => [key, value, weight]);
    assertEqual(
      rows,
      [
        [0, 0, 2],
        [NaN, NaN, 2],
      ],
      "rows",
    );
    assertSame(Object.is(rows[0]?.[0], 0), true, "the key is 0, not −0");
    assertSame(await trace.weight(-0, 0), 2, "weight() of −0");
    assertSame(await trace.weight(NaN, NaN), 2, "weight() of NaN");
    assertEqual(await readKeys(trace, { gte: -0, lte: -0 }), [0], "a range of −0");
    assertEqual(await readKeys(trace, { gt: Infinity }), [NaN], "what is after Infinity");
  }),

  test("A9 objects are equal by their declared fields, in whatever order these were written", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", {
      key: z.object({ a: z.int32(), b: z.string() }),
      value: z.object({ x: z.boolean(), y: z.string().optional() }),
    });
    trace.insert({ a: 1, b: "k" }, { x: true });
    trace.insert({ b: "k", a: 1 }, { y: undefined, x: true });
    assertEqual(await trace.get({ b: "k", a: 1 }), [{ value: { x: true }, weight: 2 }], "get()");
  }),
];

async function openSample(
  fixture: StoreFixture,
  { schema, values }: ColumnSample,
): Promise<{ store: Store; trace: AnyTrace }> {
  const store = await fixture.open({ stagingRows: 3 });
  const trace: AnyTrace = await store.trace("t", { key: schema, value: schema });
  // Each key with two values, and one more that is taken back.
  const rows = values.flatMap((key, index) => [
    { key, value: values[0], weight: 1 },
    { key, value: values.at(-1), weight: 2 },
    { key, value: values[index], weight: 5 },
    { key, value: values[index], weight: -5 },
  ]);
  for (const { key, value, weight } of fixture.random.shuffle(rows)) trace.insert(key, value, weight);
  await store.commit();
  return { store, trace };
}

async function checkRanges(trace: AnyTrace, { values }: ColumnSample, where: string): Promise<void> {
  assertEqual(await readOnce(trace, {}), values, `all keys ${where}`);
  assertEqual(await readOnce(trace, { reverse: true }), values.toReversed(), `all keys in reverse ${where}`);
  for (const [from, lower] of values.entries()) {
    for (const [to, upper] of values.entries()) {
      // A bound of undefined is an open one.
      if (lower === undefined || upper === undefined) continue;
      const inside = values.slice(from, to + 1);
      assertEqual(await readOnce(trace, { gte: lower, lte: upper }), inside, `${from} to ${to} ${where}`);
      if ((from + to) % 3 !== 0) continue;
      const between = values.slice(from + 1, to).toReversed();
      const range = { gt: lower, lt: upper, reverse: true };
      assertEqual(await readOnce(trace, range), between, `between ${from} and ${to} ${where}`);
    }
  }
}

/** Reads keys in columns, each once. */
async function readOnce(trace: AnyTrace, range: KeyRange<unknown>): Promise<unknown[]> {
  const keys: unknown[] = [];
  for await (const chunk of trace.chunks(range)) for (const { key } of chunk.rows()) keys.push(key);
  // Every key has two values.
  return keys.filter((_, index) => index % 2 === 0);
}

async function checkLookUps(trace: AnyTrace, { values }: ColumnSample): Promise<void> {
  const expected = [
    { value: values[0], weight: 1 },
    { value: values.at(-1), weight: 2 },
  ];
  for (const key of values) {
    assertEqual(await trace.get(key), expected, "get()");
    assertSame(await trace.has(key), true, "has()");
    assertSame(await trace.weight(key, values.at(-1)), 2, "weight()");
  }
  const found = await trace.getMany(values.toReversed());
  assertEqual(
    found,
    Array.from(values, () => expected),
    "getMany()",
  );
}
