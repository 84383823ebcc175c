import { assert, assertEqual, assertSame, assertThrows } from "@zspine/conformance";
import { assertContent } from "../sample/content.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS } from "../suite/store-fixture.ts";

/** Commits, what they take, and what discard() drops. */
export const commitCases: readonly StoreCase[] = [
  test("commit() numbers commits from 1 on and replaces the metadata with the rows", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    assertEqual(store.metadata, {}, "metadata before the first");
    assertSame(await store.commit(), 1, "the first number");
    trace.insert(1, "a");
    assertSame(await store.commit({ metadata: { offset: 41, at: [null, { deep: true }] } }), 2, "the second");
    assertSame(await store.commit({ durability: "relaxed" }), 3, "the third");
    assertEqual(
      store.metadata,
      { offset: 41, at: [null, { deep: true }] },
      "metadata, kept by a commit without",
    );
    assertSame(await store.commit({ metadata: {} }), 4, "the fourth");
    assertEqual(store.metadata, {}, "metadata, replaced by nothing");
    const { head, commits, commitCalls, commitFailures } = store.stats();
    assertEqual([head, commits, commitCalls, commitFailures], [4, 4, 4, 0], "stats()");
  }),

  test("commit() keeps metadata of every kind that JSON holds", async (fixture) => {
    const store = await fixture.open();
    const metadata = {
      a: [1, -0.5, 1e300, "é\ud800", true, null, [], {}],
      ["__proto__"]: { constructor: 1 },
      "": "",
    };
    await store.commit({ metadata });
    assertEqual(store.metadata, metadata, "metadata");
    assert(Object.hasOwn(store.metadata, "__proto__"), "a field by the name of __proto__ is a field");
  }),

  test("D9 commit() takes the rows of all traces that were inserted before the call, and none after", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const other = await store.trace("other", NUMBERS);
    trace.insert(1, "before");
    other.insert(1, "before");
    const commit = store.commit();
    trace.insert(2, "after");
    other.insert(2, "after");
    await commit;
    assertSame(store.discard(), 2, "rows that discard() drops");
    await assertContent(trace, [[1, "before", 1]], "of one trace");
    await assertContent(other, [[1, "before", 1]], "of the other");
  }),

  test("commit() makes the rows before the call last, though discard() is called before it is answered", async (fixture) => {
    for (let wait = 0; wait <= 6; wait++) {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "before");
      const commit = store.commit();
      trace.insert(2, "after");
      if (wait > 0) await fixture.microtasks(wait);
      store.discard();
      await commit;
      store.discard();
      await assertContent(trace, [[1, "before", 1]], `with discard() ${wait} microtasks later`);
      await store.close();
    }
  }),

  test("commit() answers calls that come while one is in flight, each with its rows and metadata", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const commits: Promise<number>[] = [];
    for (let i = 0; i < 6; i++) {
      trace.insert(i, "v");
      commits.push(store.commit({ metadata: { i } }));
      await fixture.microtasks(i % 3);
    }
    const numbers = await Promise.all(commits);
    assert(
      numbers.every((number, at) => at === 0 || number >= numbers[at - 1]!),
      `numbers ascend, found ${numbers.join()}`,
    );
    assertEqual(store.metadata, { i: 5 }, "metadata is that of the last");
    assertSame(store.discard(), 0, "rows that no commit took");
    assertSame(store.stats().commitCalls, 6, "stats().commitCalls");
    assertSame(trace.stats().boundaries, 0, "boundaries held");
  }),

  test("discard() drops what no commit has taken, staged or not, in all traces, and nothing else", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const other = await store.trace("other", NUMBERS);
    trace.insert(1, "kept");
    await store.commit({ metadata: { kept: true } });
    trace.insert(2, "dropped");
    await trace.get(2);
    trace.insert(1, "kept", -1);
    other.insert(1, "dropped");
    assertSame(store.discard(), 3, "rows dropped");
    await assertContent(trace, [[1, "kept", 1]], "of one trace");
    await assertContent(other, [], "of the other");
    assertEqual([trace.totalWeight, trace.size, other.totalWeight, other.size], [1, 1, 0, 0], "counts");
    assertEqual(store.metadata, { kept: true }, "metadata");
    assertSame(store.discard(), 0, "rows dropped by a second call");
  }),

  test("discard() gives back the room of weights that it drops", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const max = Number.MAX_SAFE_INTEGER;
    trace.insert(1, "a", max);
    await trace.get(1);
    assertThrows("ZSPINE_WEIGHT_RANGE", () => trace.insert(1, "a"), "insert() before");
    store.discard();
    trace.insert(1, "a", max);
    trace.insert(1, "a", -max);
    assertSame(trace.totalWeight, 0, "totalWeight");
  }),

  test("D13 trace() gives the same trace each time, by name or with equal schemas", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const again = await store.trace("t");
    const both = await Promise.all([store.trace("t", NUMBERS), store.trace("t", { ...NUMBERS })]);
    trace.insert(1, "a");
    both[0].insert(1, "a");
    both[1].insert(1, "a");
    assertSame(await again.weight(1, "a"), 3, "weight() by name");
    assertEqual(store.traces, ["t"], "traces");
  }),

  test("trace() keeps traces apart by name, whatever the name", async (fixture) => {
    const store = await fixture.open();
    const names = ["b", "a", "A", "a/b", "..", "ü", "__proto__", "constructor", "😀", " ", "x".repeat(200)];
    for (const [index, name] of names.entries()) (await store.trace(name, NUMBERS)).insert(index, name);
    await store.commit();
    for (const [index, name] of names.entries()) {
      const trace = await store.trace(name, NUMBERS);
      assertSame(trace.name, name, "name");
      await assertContent(trace, [[index, name, 1]], `of ${JSON.stringify(name)}`);
      assertSame(store.stats().traces[name]?.rows, 1, `stats() of ${JSON.stringify(name)}`);
    }
    assertEqual(store.traces, names.toSorted(), "traces, sorted");
    assertEqual([store.has("a"), store.has("toString")], [true, false], "has()");
  }),

  test("drop() takes away a trace with its rows, and closes its handle; one by the same name is new", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const other = await store.trace("other", NUMBERS);
    trace.insert(1, "a");
    other.insert(1, "uncommitted");
    await store.drop("t");
    assertEqual([store.has("t"), store.traces], [false, ["other"]], "has() and traces");
    assertThrows("ZSPINE_CLOSED", () => trace.insert(1, "a"), "the handle");
    const anew = await store.trace("t", { key: NUMBERS.value, value: NUMBERS.key });
    await assertContent(anew, [], "of the new one");
    assertSame(store.discard(), 1, "rows of the other trace, which no commit has taken");
  }),

  test("drop() of a trace that is being dropped does not touch the one that is created after", async (fixture) => {
    for (let wait = 0; wait <= 4; wait++) {
      const { store } = await fixture.openTrace();
      const first = store.drop("t");
      if (wait > 0) await fixture.microtasks(wait);
      const second = store.drop("t").catch(() => undefined);
      await first;
      const anew = await store.trace("t", NUMBERS);
      anew.insert(1, "a");
      await second;
      await store.commit();
      assertSame(store.has("t"), true, `has() with the second drop() ${wait} microtasks later`);
      assertSame(store.discard(), 0, "rows that the commit did not take");
      await assertContent(anew, [[1, "a", 1]], "of the new one");
      await store.close();
    }
  }),

  test("close() drops what no commit has taken, and is done once however often it is called", async (fixture) => {
    const { store, trace } = await fixture.openTrace();
    const closed: number[] = [];
    store.on("close", ({ discardedRows }) => closed.push(discardedRows));
    trace.insert(1, "a");
    const commit = store.commit();
    trace.insertAll([2, 3].map((key) => ({ key, value: "b" })));
    await Promise.all([store.close(), store.close()]);
    await store.close();
    assertSame(await commit, 1, "the commit that was in flight");
    assertEqual(closed, [2], "close events");
  }),
];
