import { assertEqual, assertSame } from "@zspine/conformance";
import { z } from "zod";
import { assertContent, readChunks, readRows, tripleOf, triplesOf } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import type { StoreFixture } from "../suite/store-fixture.ts";
import type { Metadata, KeyRange, Store, Trace } from "@zspine/store";

interface Thing {
  name: string;
  at: Date;
  bytes: Uint8Array;
  inner: { list: [number, string] };
}

const THING = {
  key: z.tuple([z.instanceof(Uint8Array), z.date()]),
  value: z.object({
    name: z.string(),
    at: z.date(),
    bytes: z.instanceof(Uint8Array),
    inner: z.object({ list: z.tuple([z.number(), z.string()]) }),
  }),
};

type ThingKey = [Uint8Array, Date];
type ThingTrace = Trace<ThingKey, Thing>;

/** What the caller changes is the caller's: neither what went in nor what came out is the store's own. */
export const ownershipCases: readonly StoreCase[] = [
  test("insert() keeps nothing of the key and value that it was given", async (fixture) => {
    const { store, trace } = await openThings(fixture);
    const [key, value] = [newKey(), newThing()];
    trace.insert(key, value);
    await checkThings(trace, async () => spoil(key, value));
    await store.commit();
    await checkThings(trace, async () => spoil(key, value));
  }),

  test("insertAll() keeps nothing of the rows that it was given", async (fixture) => {
    const { trace } = await openThings(fixture);
    const rows = [{ key: newKey(), value: newThing(), weight: 1 }];
    trace.insertAll(rows);
    await checkThings(trace, async () => {
      spoil(rows[0]!.key, rows[0]!.value);
      rows[0]!.weight = 9;
      rows.length = 0;
    });
  }),

  test("insertBatch() keeps nothing of the columns that it was given", async (fixture) => {
    const store = await fixture.open();
    const trace = await store.trace("t", {
      key: z.int32(),
      value: z.tuple([z.string(), z.number(), z.instanceof(Uint8Array)]),
    });
    const bytes: Uint8Array<ArrayBuffer> = Uint8Array.of(7);
    const columns = {
      key: Int32Array.of(1, 2),
      value: [["a", "b"], Float64Array.of(0.5, 1.5), [bytes, bytes]] as [
        string[],
        Float64Array,
        Uint8Array<ArrayBuffer>[],
      ],
      weight: Float64Array.of(1, 2),
    };
    trace.insertBatch(columns);
    columns.key.fill(9);
    columns.value[0].reverse();
    columns.value[1].fill(9);
    columns.value[2].length = 0;
    columns.weight.fill(9);
    bytes[0] = 9;
    const seven = Uint8Array.of(7);
    await assertContent(
      trace,
      [
        [1, ["a", 0.5, seven], 1],
        [2, ["b", 1.5, seven], 2],
      ],
      "are as inserted",
    );
  }),

  test("look-ups read the keys that they were given, whatever becomes of these before they answer", async (fixture) => {
    const { store, trace } = await openThings(fixture);
    trace.insert(newKey(), newThing());
    await store.commit();
    const change = (key: ThingKey, value = newThing()): void => spoil(key, value);
    const [a, b, c, d] = [newKey(), newKey(), newKey(), newKey()];
    const value = newThing();
    const many = [newKey()];
    const get = trace.get(a);
    change(a);
    const has = trace.has(b);
    change(b);
    const weight = trace.weight(c, value);
    change(c, value);
    const getMany = trace.getMany(many);
    many[0] = d;
    change(d);
    many.length = 0;
    assertSame((await get).length, 1, "values of get()");
    assertEqual([await has, await weight], [true, 1], "has() and weight()");
    assertEqual(
      (await getMany).map((values) => values.length),
      [1],
      "values of getMany()",
    );
  }),

  test("rows() and chunks() read the range that they were given, whatever becomes of the object", async (fixture) => {
    const { trace } = await fixture.openTrace();
    for (let key = 0; key < 10; key++) trace.insert(key, "v");
    const range: { -readonly [P in keyof KeyRange<number>]: KeyRange<number>[P] } = {
      gte: 2,
      lt: 5,
    };
    const [rows, chunks] = [trace.rows(range), trace.chunks(range)];
    Object.assign(range, { gte: 7, lt: 9, reverse: true, limit: 1 });
    const keys: number[] = [];
    for await (const { key } of rows) keys.push(key);
    for await (const chunk of chunks) for (const { key } of chunk.rows()) keys.push(key);
    assertEqual(keys, [2, 3, 4, 2, 3, 4], "keys");
  }),

  test("rows() reads the bound that it was given, whatever becomes of the key object", async (fixture) => {
    const { trace } = await openThings(fixture);
    trace.insert(newKey(), newThing());
    const bound = newKey();
    const rows = trace.rows({ gte: bound, lte: bound });
    spoil(bound, newThing());
    let found = 0;
    for await (const _row of rows) found++;
    assertSame(found, 1, "rows");
  }),

  test("commit() keeps nothing of the metadata and options that it was given", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    trace.insert(1, "a");
    const metadata = { list: [1, { deep: "x" }] as [number, { deep: string }], offset: 1 };
    const options = { metadata, durability: "sync" as "relaxed" | "sync" };
    const commit = store.commit(options);
    spoilMetadata(metadata);
    Object.assign(options, { metadata: {}, durability: "nonsense" });
    await commit;
    assertEqual(store.metadata, { list: [1, { deep: "x" }], offset: 1 }, "metadata");
    spoilMetadata(metadata);
    assertEqual(store.metadata, { list: [1, { deep: "x" }], offset: 1 }, "metadata, later");
  }),

  test("metadata that was read does not change the store's, nor what the next commit keeps", async (fixture) => {
    const store = await fixture.open();
    const expected = { list: [1, { deep: "x" }], offset: 1 };
    await store.commit({ metadata: structuredClone(expected) as Metadata });
    try {
      spoilMetadata(store.metadata as never);
    } catch {
      // A store may freeze what it gives away, and have the change refused.
    }
    assertEqual(store.metadata, expected, "metadata");
    await store.commit();
    assertEqual(store.metadata, expected, "metadata after another commit");
  }),

  test("rows and values that were read are the caller's, and change nothing that is read later", async (fixture) => {
    const { store, trace } = await openThings(fixture);
    trace.insert(newKey(), newThing());
    await store.commit();
    await checkThings(trace, async () => {
      for (const row of [...(await readRows(trace)), ...(await readChunks(trace))]) {
        spoil(row.key, row.value);
        Object.assign(row, { key: null, weight: 9 });
      }
      for (const values of [await trace.get(newKey()), (await trace.getMany([newKey()]))[0]!]) {
        spoil(newKey(), values[0]!.value);
        Object.assign(values[0]!, { weight: 9 });
        (values as unknown[]).length = 0;
      }
    });
  }),

  test(
    "rows and values of a snapshot are the caller's as well",
    async (fixture) => {
      const { trace } = await openThings(fixture);
      trace.insert(newKey(), newThing());
      const snapshot = trace.snapshot();
      const before = triplesOf(snapshot);
      for (const { key, value } of snapshot.rows()) spoil(key, value);
      for (const { value } of snapshot.get(newKey())) spoil(newKey(), value);
      for (const { key, value } of snapshot.since(snapshot)) spoil(key, value);
      assertEqual(triplesOf(snapshot), before, "rows of the snapshot");
      await assertContent(trace, before, "of the trace");
      snapshot.close();
    },
    { needs: ["syncSnapshots"] },
  ),

  test(
    "lists, statistics and events that were read are the caller's",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "a");
      await store.commit();
      await trace.get(1);
      const before = [store.traces, store.stats(), trace.stats()];
      (store.traces as string[]).push("other");
      for (const stats of [store.stats(), trace.stats()]) {
        for (const name of Object.keys(stats))
          if (typeof stats[name as never] === "number") Object.assign(stats, { [name]: -1 });
      }
      Object.assign(trace.stats().lookups, { searched: -1 });
      (trace.stats().levels as unknown[]).length = 0;
      assertEqual([store.traces, store.stats(), trace.stats()], before, "traces and statistics");
    },
    { needs: ["unmoved"] },
  ),

  test("trace() and the store keep nothing of the options that they were given", async (fixture) => {
    const store = await fixture.open();
    const options: { key: z.ZodType; value: z.ZodType; validate: boolean } = {
      key: z.int32(),
      value: z.string(),
      validate: false,
    };
    const opening = store.trace("t", options);
    Object.assign(options, { key: z.boolean(), value: z.date(), validate: true });
    const trace = await opening;
    trace.insert(1, "a");
    await assertContent(trace, [[1, "a", 1]], "are of the first schemas");
  }),
];

async function openThings(fixture: StoreFixture): Promise<{ store: Store; trace: ThingTrace }> {
  const store = await fixture.open();
  return { store, trace: await store.trace("t", THING) };
}

function newKey(): ThingKey {
  return [Uint8Array.of(1, 2), new Date(1000)];
}

function newThing(): Thing {
  return { name: "n", at: new Date(2000), bytes: Uint8Array.of(3, 4), inner: { list: [1, "x"] } };
}

/** Changes everything that can be changed. */
function spoil(key: ThingKey, value: Thing): void {
  key[0].fill(99);
  key[1].setTime(99);
  key[1] = new Date(98);
  value.name = "spoilt";
  value.at.setTime(99);
  value.bytes.fill(99);
  value.inner.list[0] = 99;
  value.inner = { list: [98, "spoilt"] };
}

function spoilMetadata(metadata: { list: [number, { deep: string }]; offset: number }): void {
  metadata.list[1].deep = "spoilt";
  metadata.list[0] = 99;
  metadata.list.push("more" as never);
  metadata.offset = 99;
  Object.assign(metadata, { more: true });
}

/** Asserts that the one row is as it was, before and after `change`. */
async function checkThings(trace: ThingTrace, change: () => Promise<void>): Promise<void> {
  const expected = [[newKey(), newThing(), 1]] as const;
  await change();
  await assertContent(trace, expected, "are as inserted");
  assertEqual(await trace.get(newKey()), [{ value: newThing(), weight: 1 }], "get()");
  assertEqual((await readRows(trace)).map(tripleOf), expected, "rows()");
}
