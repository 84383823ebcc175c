import { assert, assertEqual, assertRejects, assertSame, forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { assertContent } from "../sample/content.ts";
import { NEVER } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS } from "../suite/store-fixture.ts";

const durable = { needs: ["durable"] } as const;

/** What a store that is opened again must hold: everything that was committed, and nothing else. */
export const durableReopenCases: readonly StoreCase[] = [
  test(
    "C1 T9 a store that is closed and opened again reads as before",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "A");
      trace.insert(2, "B", 2);
      trace.insert(1, "A", -1);
      trace.insert(3, "C", 3);
      await store.commit();
      const reopened = await fixture.reopen(store);
      assertEqual(reopened.traces, ["t"], "names of the traces");
      const again = await reopened.trace("t", NUMBERS);
      await assertContent(
        again,
        [
          [2, "B", 2],
          [3, "C", 3],
        ],
        "after reopening",
      );
      assertEqual([again.totalWeight, (await again.count()).rows], [5, 2], "totalWeight and count()");
      const { head, traces, batches, rows, orphans, problems } = reopened.recovery;
      assertEqual([head, traces, batches, rows, orphans, problems], [1, 1, 1, 2, 0, []], "recovery");
    },
    durable,
  ),

  test(
    "C23 the newest commit is read by its token after reopening, whatever maintenance has followed it",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "a");
      const token = await store.commit({ metadata: { offset: 7 } });
      await store.flush();
      const reopened = await fixture.reopen(store);
      const { head } = reopened.stats();
      assert(head > token, "flush() makes a head that is no commit");
      const at = reopened.at(token);
      assertEqual([at.token, at.metadata], [token, { offset: 7 }], "the commit");
      at.close();
      for (let number = token + 1; number <= head + 1; number++)
        await assertRejects("ZSPINE_INVALID_OPTIONS", async () => reopened.at(number), `at(${number})`);
    },
    durable,
  ),

  test(
    "C1 a store in which nothing was committed is opened again as a new one",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "a");
      const reopened = await fixture.reopen(store);
      assertEqual([reopened.traces, reopened.metadata, reopened.recovery.head], [[], {}, 0], "what there is");
      assertSame(await reopened.commit(), 1, "the first commit");
    },
    durable,
  ),

  test(
    "C1 D12 rows that no commit took are gone after close(), those that were discarded or cancelled too",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insert(1, "kept");
      trace.insert(2, "cancelled");
      await store.commit();
      trace.insert(3, "discarded");
      store.discard();
      trace.insert(2, "cancelled", -1);
      await store.commit();
      trace.insert(4, "not committed");
      await store.close();
      const reopened = await fixture.open({}, fixture.placeOf(store));
      await assertContent(await reopened.trace("t", NUMBERS), [[1, "kept", 1]], "after reopening");
    },
    durable,
  ),

  test(
    "C1 traces that are empty, dropped, made anew or never opened again are what they were",
    async (fixture) => {
      const store = await fixture.open();
      for (const name of ["a", "b", "c", "empty"]) {
        const trace = await store.trace(name, NUMBERS);
        if (name !== "empty") trace.insert(1, name);
      }
      await store.commit();
      await store.drop("b");
      let reopened = await fixture.reopen(store);
      assertEqual(reopened.traces, ["a", "c", "empty"], "names after a drop");
      // Nobody opens a; c is dropped without having been opened; b is made anew.
      await reopened.drop("c");
      (await reopened.trace("b", { ...NUMBERS, create: true })).insert(2, "b again");
      await reopened.commit();
      reopened = await fixture.reopen(reopened);
      assertEqual(reopened.traces, ["a", "b", "empty"], "names at the end");
      await assertContent(await reopened.trace("a", NUMBERS), [[1, "a", 1]], "of a");
      await assertContent(await reopened.trace("b", NUMBERS), [[2, "b again", 1]], "of b");
      await assertContent(await reopened.trace("empty", NUMBERS), [], "of empty");
      assertSame((await reopened.verify()).isSound, true, "verify()");
    },
    durable,
  ),

  test(
    "C1 a trace whose rows all cancel is there after reopening, empty, and takes rows",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      trace.insertAll([1, 2, 3].map((key) => ({ key, value: "v" })));
      await store.commit();
      trace.insertAll([1, 2, 3].map((key) => ({ key, value: "v", weight: -1 })));
      await store.commit();
      await store.compact();
      const reopened = await fixture.reopen(store);
      const again = await reopened.trace("t", NUMBERS);
      await assertContent(again, [], "after reopening");
      assertEqual([again.totalWeight, again.size], [0, 0], "totalWeight and size");
      again.insert(2, "w");
      await reopened.commit();
      await assertContent(
        await (await fixture.reopen(reopened)).trace("t", NUMBERS),
        [[2, "w", 1]],
        "of a third session",
      );
    },
    durable,
  ),

  test(
    "C12 flush() makes relaxed commits last as synced ones do, and takes no rows",
    async (fixture) => {
      const made: unknown[] = [];
      const { store, trace } = await fixture.openTrace({ wrap: notingDurability(made) });
      await store.flush();
      assertEqual(made, [], "heads of a flush() of nothing");
      trace.insert(1, "a");
      await store.commit({ durability: "relaxed" });
      trace.insert(2, "not committed");
      await store.flush();
      assertEqual(made, ["relaxed", "sync"], "durability of the heads");
      const place = fixture.placeOf(store);
      await fixture.crash(place);
      const reopened = await fixture.open({}, place);
      await assertContent(await reopened.trace("t", NUMBERS), [[1, "a", 1]], "after the crash");
    },
    durable,
  ),

  test(
    "C2 D8 commit() asks for what it was told: sync unless told relaxed, and sync for a group in which one asks for it",
    async (fixture) => {
      const made: unknown[] = [];
      const { store, trace } = await fixture.openTrace({ wrap: notingDurability(made) });
      for (const durability of [undefined, "relaxed", "sync"] as const) {
        trace.insert(1, "v");
        await store.commit(durability === undefined ? {} : { durability });
      }
      const first = store.commit({ durability: "relaxed" });
      const others = (["relaxed", "sync", "relaxed"] as const).map((durability) =>
        store.commit({ durability }),
      );
      await Promise.all([first, ...others]);
      assertEqual(made, ["sync", "relaxed", "sync", "relaxed", "sync"], "durability of the heads");
    },
    durable,
  ),

  test(
    "D7 C1 batches that are not merged are as many after reopening, and merged by the next session",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace({ strategy: NEVER });
      for (let key = 0; key < 30; key++) {
        trace.insert(key, "v");
        await store.commit();
      }
      const reopened = await fixture.reopen(store);
      assertSame(reopened.recovery.batches, 30, "batches that are found");
      const again = await reopened.trace("t", NUMBERS);
      await reopened.finishMerges();
      assert(again.stats().batches < 10, `expected them to be merged, found ${again.stats().batches}`);
      assertSame((await again.count()).rows, 30, "count()");
    },
    durable,
  ),
];

/** A wrapper that notes how durable each head is to be. */
function notingDurability(made: unknown[]): (backend: Backend) => Backend {
  return (backend) => ({
    ...forward(backend),
    createHead: (number, bytes, ops, options) => {
      made.push(options?.durability ?? "sync");
      return backend.createHead(number, bytes, ops, options);
    },
  });
}
