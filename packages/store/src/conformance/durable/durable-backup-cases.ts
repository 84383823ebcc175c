import {
  assert,
  assertEqual,
  assertRejects,
  assertSame,
  damaged,
  flipped,
  recording,
  wrapOpener,
  type RecordingBackend,
} from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { assertContent, readChunks, tripleOf, type Triple } from "../sample/content.ts";
import { insertKeys } from "../sample/unmerged-batches.ts";
import { test, type StoreCase } from "../suite/store-case.ts";
import { NUMBERS, type OpenedStore, type StoreFixture } from "../suite/store-fixture.ts";

const places = { needs: ["durable", "places"] } as const;

/** Copies of a store: taken while it is open, put back, and refused where they would be wrong. */
export const durableBackupCases: readonly StoreCase[] = [
  test(
    "C15 T48 T49 backup() copies all traces and the metadata, and the copy is a store of its own",
    async (fixture) => {
      const { store, trace } = await openFilled(fixture);
      const other = await store.trace("other", NUMBERS);
      other.insert(-1, "other");
      await store.commit({ metadata: { offset: 7 } });
      trace.insert(1_000_000, "not committed");
      const place = fixture.newPlace();
      await store.backup(fixture.places.opener(place));
      const copy = await fixture.open({}, place);
      assertEqual(
        [copy.traces, copy.metadata, copy.recovery.problems],
        [["other", "t"], { offset: 7 }, []],
        "the copy",
      );
      const copied = await copy.trace("t", NUMBERS);
      assertSame((await copied.count()).rows, 3000, "rows");
      await assertContent(await copy.trace("other", NUMBERS), [[-1, "other", 1]], "of the other trace");
      assertSame((await copy.verify()).isSound, true, "verify()");
      copied.insert(-5, "only in the copy");
      await copy.commit();
      assertSame(await trace.has(-5), false, "what is written to the copy, in the original");
    },
    places,
  ),

  test(
    "C15 C17 backup() and restore while the store is written to, merged and committed give one commit, whole",
    async (fixture) => {
      const { store, trace } = await openFilled(fixture);
      const states = new Map<number, number>();
      states.set(0, trace.totalWeight);
      const place = fixture.newPlace();
      const end = new AbortController();
      const write = async (): Promise<void> => {
        for (let n = 1; n < 60 && !end.signal.aborted; n++) {
          insertKeys(trace, 0, 50);
          states.set(n, trace.totalWeight);
          await store.commit({ metadata: { n } });
          if (n % 8 === 0) await store.compact();
          else await fixture.turn();
        }
      };
      const writing = write();
      await store.backup(fixture.places.opener(place));
      end.abort();
      await writing;
      const copy = await fixture.open({}, place);
      const copied = await copy.trace("t", NUMBERS);
      const n = Number(copy.metadata["n"] ?? 0);
      const rows = await readChunks(copied);
      assertSame(
        rows.reduce((sum, { weight }) => sum + weight, 0),
        states.get(n),
        `the sum of weights of commit ${n}`,
      );
      assertSame((await copy.verify()).isSound, true, "verify()");
    },
    places,
  ),

  test(
    "C17 commits, merges and drops during backup() do not remove what it copies",
    async (fixture) => {
      const { store, trace } = await openFilled(fixture);
      const expected = (await readChunks(trace)).map(tripleOf);
      const place = fixture.newPlace();
      let turns = 0;
      const slow = wrapOpener(fixture.places.opener(place), (backend) =>
        beforeEachWrite(backend, async () => {
          if (turns++ > 3) return;
          insertKeys(trace, 0, 100, -1);
          await store.commit();
          await store.compact();
          await store.commit();
        }),
      );
      await store.backup(slow);
      assert(turns > 0, "the copy wrote something");
      await assertCopy(fixture, place, expected);
    },
    places,
  ),

  test(
    "C15 restore puts a backup to an empty place, of the same kind or another, and only reads it",
    async (fixture) => {
      const { store, trace } = await openFilled(fixture);
      const expected = (await readChunks(trace)).map(tripleOf);
      const [kept, target] = [fixture.newPlace(), fixture.newPlace()];
      await store.backup(fixture.places.opener(kept));
      await store.close();
      let counted: RecordingBackend | undefined;
      const from = wrapOpener(fixture.places.opener(kept), (backend) => (counted = recording(backend)));
      await fixture.places.restore({ from, to: fixture.places.opener(target) });
      assertEqual(
        [counted!.counts().write.calls, counted!.counts().createHead.calls],
        [0, 0],
        "writes to the backup",
      );
      await assertCopy(fixture, target, expected);
      await assertCopy(fixture, kept, expected);
    },
    places,
  ),

  test(
    "T50 C13 a source goes on from a backup exactly once",
    async (fixture) => {
      const { store, trace } = await fixture.openTrace();
      insertKeys(trace, 1, 6);
      await store.commit({ metadata: { offset: 5 } });
      const [kept, target] = [fixture.newPlace(), fixture.newPlace()];
      await store.backup(fixture.places.opener(kept));
      insertKeys(trace, 6, 8);
      await store.commit({ metadata: { offset: 7 } });
      await fixture.crash(fixture.placeOf(store));
      await fixture.places.restore({ from: fixture.places.opener(kept), to: fixture.places.opener(target) });
      const restored = await fixture.openTrace({}, target);
      const offset = Number(restored.store.metadata["offset"]);
      insertKeys(restored.trace, offset + 1, 11);
      await restored.store.commit({ metadata: { offset: 10 } });
      const rows = (await readChunks(restored.trace)).map(({ key, weight }) => [key, weight]);
      assertEqual(
        rows,
        Array.from({ length: 10 }, (_, at) => [at + 1, 1]),
        "each offset once",
      );
    },
    places,
  ),

  test(
    "C15 backup() and restore refuse a target that holds a store, ZSPINE_CONFLICT, and leave it as it is",
    async (fixture) => {
      const { store } = await openFilled(fixture);
      const other = await fixture.openTrace();
      other.trace.insert(1, "mine");
      await other.store.commit();
      const place = fixture.placeOf(other.store);
      await other.store.close();
      const kept = fixture.newPlace();
      await store.backup(fixture.places.opener(kept));
      const opener = fixture.places.opener(place);
      await assertRejects("ZSPINE_CONFLICT", () => store.backup(opener), "backup()");
      await assertRejects(
        "ZSPINE_CONFLICT",
        () => fixture.places.restore({ from: fixture.places.opener(kept), to: opener }),
        "restore",
      );
      await assertCopy(fixture, place, [[1, "mine", 1]]);
    },
    places,
  ),

  test(
    "C15 backup() of a store in which nothing was committed, and restore of a place without a store, are refused",
    async (fixture) => {
      const { store } = await fixture.openTrace();
      await assertRejects(
        "ZSPINE_CONFLICT",
        () => store.backup(fixture.places.opener(fixture.newPlace())),
        "backup()",
      );
      const [from, to] = [fixture.newPlace(), fixture.newPlace()];
      const opener = fixture.places.opener(from);
      await (await opener.open()).close();
      await assertRejects(
        "ZSPINE_FORMAT",
        () => fixture.places.restore({ from: opener, to: fixture.places.opener(to) }),
        "restore",
      );
    },
    places,
  ),

  test(
    "T47 C7 D20 damage of a value or a head is not copied: backup() and restore are ZSPINE_CORRUPT, and leave no store",
    async (fixture) => {
      const { store } = await openFilled(fixture);
      const kept = fixture.newPlace();
      await store.backup(fixture.places.opener(kept));
      const names = await valuesOf(fixture.places.opener(kept));
      const broken = [
        { head: (_number: number, bytes: Uint8Array) => flipped(bytes, bytes.length - 3) },
        ...names.flatMap((name) =>
          [30, 200, 3000].map((at) => ({
            value: (found: string, bytes: Uint8Array) =>
              found === name ? flipped(bytes, at % bytes.length) : bytes,
          })),
        ),
        { value: (found: string, bytes: Uint8Array) => (found === names[0] ? undefined : bytes) },
      ];
      for (const damage of broken) {
        const to = fixture.newPlace();
        const from = wrapOpener(fixture.places.opener(kept), (backend) => damaged(backend, damage));
        await assertRejects(
          "ZSPINE_CORRUPT",
          () => fixture.places.restore({ from, to: fixture.places.opener(to) }),
          "restore",
        );
        const left = await fixture.open({}, to);
        assertEqual([left.traces, left.recovery.head], [[], 0], "what is at the target");
        await left.close();
      }
    },
    places,
  ),

  test(
    "C15 L11 backup() tells its progress, and ends with ZSPINE_ABORTED when its signal fires, leaving no store",
    async (fixture) => {
      const { store } = await openFilled(fixture);
      const told: number[] = [];
      await store.backup(fixture.places.opener(fixture.newPlace()), {
        onProgress: ({ values, valuesTotal, bytes }) => told.push(values, valuesTotal, bytes),
      });
      const [values, total, bytes] = told.slice(-3);
      assertSame(values, total, "values at the end, of all");
      assert(bytes! > 0, "bytes at the end");
      const controller = new AbortController();
      const place = fixture.newPlace();
      const options = { signal: controller.signal, onProgress: () => controller.abort() };
      await assertRejects(
        "ZSPINE_ABORTED",
        () => store.backup(fixture.places.opener(place), options),
        "backup()",
      );
      const left = await fixture.open({}, place);
      assertEqual([left.traces, left.recovery.head], [[], 0], "what is at the target");
      assertSame(await left.commit(), 1, "its first commit");
    },
    places,
  ),

  test(
    "L17 drop removes a store that is closed, and is ZSPINE_LOCKED while it is open",
    async (fixture) => {
      const { store } = await openFilled(fixture);
      const place = fixture.placeOf(store);
      const backend = fixture.places.opener(place);
      await assertRejects("ZSPINE_LOCKED", () => fixture.places.drop({ backend }), "drop while it is open");
      await store.close();
      await fixture.places.drop({ backend });
      await fixture.places.drop({ backend });
      const anew = await fixture.open({}, place);
      assertEqual([anew.traces, anew.recovery.head, anew.recovery.orphans], [[], 0, 0], "what is there then");
    },
    { needs: ["durable", "exclusive", "places"] },
  ),
];

async function openFilled(fixture: StoreFixture): Promise<OpenedStore> {
  const opened = await fixture.openTrace({ stagingRows: 500 });
  for (let from = 0; from < 3000; from += 1000) {
    insertKeys(opened.trace, from, from + 1000);
    await opened.store.commit();
  }
  return opened;
}

async function assertCopy(fixture: StoreFixture, place: string, expected: readonly Triple[]): Promise<void> {
  const { store, trace } = await fixture.openTrace({}, place);
  await assertContent(trace, expected, "of the copy");
  assertSame((await store.verify()).isSound, true, "verify() of the copy");
  await store.close();
}

async function valuesOf(opener: BackendOpener): Promise<string[]> {
  const backend = await opener.open({ readOnly: true });
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  await backend.close();
  return names;
}

function beforeEachWrite(backend: Backend, act: () => Promise<void>): Backend {
  return {
    ...recording(backend),
    async write(ops, options) {
      await act();
      return backend.write(ops, options);
    },
    async createHead(number, bytes, ops, options) {
      await act();
      return backend.createHead(number, bytes, ops, options);
    },
  };
}
