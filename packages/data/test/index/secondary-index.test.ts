import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { IndexedZSet, isZspineError, type ZspineErrorCode } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { importNdjson, secondaryIndex, upsert, type SecondaryIndex } from "../../src/index.ts";
import { Killable, killEverywhere } from "../sample/killable.ts";

const PLAIN = { key: z.int32(), value: z.object({ city: z.string() }) };
type Value = { city: string };
type People = Trace<number, Value>;
type ByCity = SecondaryIndex<string, number, Value>;

// None, one or two, by the text.
const of = (_key: number, { city }: Value): string[] => city.split(" ").filter((name) => name !== "");
const byCity = (store: Store, people: People, options = {}): Promise<ByCity> =>
  secondaryIndex(store, people, "people by city", { key: z.string(), of, ...options });

async function openPeople(
  options: Parameters<typeof openStore>[0] = {},
): Promise<{ store: Store; people: People }> {
  const store = await openStore(options);
  return { store, people: await store.trace("people", { ...PLAIN, create: true }) };
}

async function codeOf(work: Promise<unknown>): Promise<ZspineErrorCode | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

async function textsOf(index: ByCity): Promise<string[]> {
  const texts: string[] = [];
  for await (const { by, key, value, weight } of index.rows())
    texts.push(`${by}: ${key} ${value.city} ${weight}`);
  return texts;
}

describe("secondaryIndex()", () => {
  it("O6 finds rows by another key, of none, one or many, and is filled from what is there", async () => {
    const { store, people } = await openPeople();
    people.insert(1, { city: "Oslo" });
    people.insert(2, { city: "Rome Oslo" }, 2);
    people.insert(3, { city: "" });
    const index = await byCity(store, people);
    expect(await index.get("Oslo")).toEqual([
      { key: 1, value: { city: "Oslo" }, weight: 1 },
      { key: 2, value: { city: "Rome Oslo" }, weight: 2 },
    ]);
    people.insert(1, { city: "Oslo" }, -1);
    people.insert(1, { city: "Rome" });
    expect(await textsOf(index)).toEqual(["Oslo: 2 Rome Oslo 2", "Rome: 1 Rome 1", "Rome: 2 Rome Oslo 2"]);
    expect((await index.getMany(["Rome", "Bern"])).map((rows) => rows.map(({ key }) => key))).toEqual([
      [1, 2],
      [],
    ]);
    expect([await index.has("Bern"), await index.has("Rome"), index.name]).toEqual([
      false,
      true,
      "people by city",
    ]);
    const some: string[] = [];
    for await (const { by } of index.rows({ gte: "P" })) some.push(by);
    expect(some).toEqual(["Rome", "Rome"]);
    await store.close();
  });

  it("O6 follows every kind of insert, and is there with the same commit, or not at all", async () => {
    const { store, people } = await openPeople();
    const index = await byCity(store, people);
    people.insertAll([
      { key: 1, value: { city: "a" } },
      { key: 2, value: { city: "b" }, weight: 3 },
    ]);
    people.insertBatch({ key: [3, 4], value: { city: ["a", "c"] }, weight: [1, -1] });
    people.insertBatch(IndexedZSet.from(PLAIN.key, PLAIN.value, [{ key: 5, value: { city: "a" } }]));
    await upsert(people, 1, { city: "d" });
    await importNdjson(store, people, '{"key":6,"value":{"city":"b"}}\n');
    expect(await textsOf(index)).toEqual([
      "a: 3 a 1",
      "a: 5 a 1",
      "b: 2 b 3",
      "b: 6 b 1",
      "c: 4 c -1",
      "d: 1 d 1",
    ]);
    using commit = store.at(store.token);
    people.insert(7, { city: "late" });
    expect((await commit.of(index.trace).zset()).size).toBe(6);
    store.discard();
    expect((await index.trace.count()).rows).toBe(6);
    expect(await index.verify()).toEqual({ isSound: true, missing: 0, superfluous: 0 });
    await store.close();
  });

  it("O6 has nothing of an insert that is refused, and its source neither", async () => {
    const { store, people } = await openPeople();
    const most = Number.MAX_SAFE_INTEGER;
    const index = await secondaryIndex(store, people, "i", {
      key: z.string(),
      of: (key, { city }) => {
        if (key === 13) throw new RangeError("thirteen");
        return key === 12 ? (city as never) : [city];
      },
    });
    people.insert(1, { city: "a" }, most);
    const before = await textsOf(index);
    const refused: (() => void)[] = [
      () => people.insert(13, { city: "a" }),
      () => people.insert(12, { city: "a" }),
      () => people.insert(1, { city: "a" }, 1),
      () => people.insert(2, { city: "b" }, 1),
      () => people.insert(2, { city: "b" }, 0.5),
      () => people.insert(2, { city: 7 as never }),
      () =>
        people.insertAll([
          { key: 3, value: { city: "c" }, weight: -1 },
          { key: 13, value: { city: "a" } },
        ]),
      () =>
        people.insertAll([
          { key: 3, value: { city: "c" }, weight: -1 },
          { key: 4, value: { city: "c" }, weight: 2 },
        ]),
      () => people.insertBatch({ key: [3, 13], value: { city: ["c", "c"] }, weight: [-1, -1] }),
    ];
    for (const work of refused) expect(work).toThrow();
    expect(await textsOf(index)).toEqual(before);
    expect([people.totalWeight, (await people.count()).rows]).toEqual([most, 1]);
    expect((await index.verify()).isSound).toBe(true);
    await store.close();
  });

  it("O6 costs no commit and no reading when it is opened again, and is made anew when it is another", async () => {
    const { store, people } = await openPeople();
    for (let key = 0; key < 10; key++) people.insert(key, { city: key % 2 === 0 ? "Oslo" : "Rome" });
    const first = await byCity(store, people);
    const token = store.token;
    expect(await byCity(store, people)).toBe(first);
    expect(store.token).toBe(token);
    const shouting = (_key: number, { city }: Value): string[] => [city.toUpperCase()];
    const second = await byCity(store, people, { of: shouting });
    expect((await second.get("OSLO")).length).toBe(5);
    expect(await codeOf(first.get("Oslo"))).toBe("ZSPINE_CLOSED");
    const third = await byCity(store, people, { of: shouting, version: 1 });
    expect(third).not.toBe(second);
    expect(await byCity(store, people, { of, version: 1 })).toBe(third);
    const fourth = await byCity(store, people, { of, version: 2 });
    people.insert(10, { city: "Bern" });
    expect((await fourth.verify()).isSound).toBe(true);
    expect((await fourth.get("Bern")).length).toBe(1);
    await fourth.drop();
    expect([store.has("people by city"), people.size]).toEqual([false, 11]);
    people.insert(11, { city: "Bern" });
    await store.drop("people");
    await store.close();
  });

  it("O6 tells what was inserted without it, and is mended by rebuild", async () => {
    const places = join(mkdtempSync(join(tmpdir(), "zspine-data-")), "store");
    try {
      for (const isFirst of [true, false]) {
        const { store, people } = await openPeople({ backend: file({ location: places }) });
        if (isFirst) people.insert(1, { city: "a" });
        if (isFirst) await byCity(store, people);
        else
          people.insertAll([
            { key: 1, value: { city: "a" }, weight: -1 },
            { key: 2, value: { city: "b" } },
          ]);
        await store.commit();
        await store.close();
      }
      const { store, people } = await openPeople({ backend: file({ location: places }) });
      const index = await byCity(store, people);
      expect(await index.verify()).toEqual({ isSound: false, missing: 1, superfluous: 1 });
      const mended = await byCity(store, people, { rebuild: true });
      expect((await mended.verify()).isSound).toBe(true);
      expect(await textsOf(mended)).toEqual(["b: 2 b 1"]);
      await store.close();
    } finally {
      rmSync(join(places, ".."), { recursive: true });
    }
  });

  it("O6 is made anew when its source was dropped and made anew, in one process or another", async () => {
    const location = join(mkdtempSync(join(tmpdir(), "zspine-data-")), "store");
    try {
      for (const isReopened of [false, true]) {
        let { store, people } = await openPeople({ backend: file({ location }) });
        people.insert(1, { city: "a" });
        await byCity(store, people);
        await store.drop("people");
        if (isReopened) {
          await store.close();
          ({ store, people } = await openPeople({ backend: file({ location }) }));
        } else people = await store.trace("people", { ...PLAIN, create: true });
        people.insert(2, { city: "b" });
        await store.commit();
        const index = await byCity(store, people);
        expect(await textsOf(index)).toEqual(["b: 2 b 1"]);
        const { token } = store;
        await store.close();
        ({ store, people } = await openPeople({ backend: file({ location }) }));
        expect((await (await byCity(store, people)).verify()).isSound).toBe(true);
        expect(store.token).toBe(token);
        await store.drop("people");
        await store.close();
      }
    } finally {
      rmSync(join(location, ".."), { recursive: true });
    }
  });

  it("O6 is what it was in a copy of its store, and an import goes on there", async () => {
    const { store, people } = await openPeople({ backend: new Killable().backend });
    await store.commit();
    const fresh = await store.trace("fresh", { ...PLAIN, create: true });
    await secondaryIndex(store, fresh, "fresh by city", { key: z.string(), of });
    const options = { name: "all", commitEvery: 1, onBadRow: "skip" } as const;
    const controller = new AbortController();
    const lines =
      '{"key":1,"value":{"city":"a"}}\n{"key":2,"value":{"city":"b"}}\n{"key":3,"value":{"city":"c"}}\n';
    const onProgress = ({ committedRows }: { committedRows: number }): void => {
      if (committedRows === 2) controller.abort();
    };
    const stopped = importNdjson(store, fresh, lines, { ...options, signal: controller.signal, onProgress });
    expect(await codeOf(stopped)).toBe("ZSPINE_ABORTED");
    expect(people.size).toBe(0);
    const copy = new Killable();
    await store.backup(copy.backend);
    await store.close();
    const restored = await openStore({ backend: copy.backend });
    const again = await restored.trace("fresh", PLAIN);
    const { token } = restored;
    const index = await secondaryIndex(restored, again, "fresh by city", { key: z.string(), of });
    expect(restored.token).toBe(token);
    expect((await importNdjson(restored, again, lines, options)).rows).toBe(3);
    expect([(await again.count()).rows, (await index.verify()).isSound]).toEqual([3, true]);
    await restored.close();
  });

  it("O6 is read in a store that only reads, which makes none", async () => {
    const location = join(mkdtempSync(join(tmpdir(), "zspine-data-")), "store");
    try {
      const { store, people } = await openPeople({ backend: file({ location }) });
      people.insert(1, { city: "a" });
      await byCity(store, people);
      const reading = await openPeople({ backend: file({ location }), readOnly: true });
      const index = await byCity(reading.store, reading.people);
      expect((await index.get("a")).length).toBe(1);
      people.insert(2, { city: "a" });
      await store.commit();
      await reading.store.refresh();
      expect((await index.get("a")).length).toBe(2);
      const other = secondaryIndex(reading.store, reading.people, "other", { key: z.string(), of });
      expect(await codeOf(other)).toBe("ZSPINE_NOT_SUPPORTED");
      await reading.store.close();
      await store.close();
    } finally {
      rmSync(join(location, ".."), { recursive: true });
    }
  });

  it("O6 is filled while its source is written, in commits of some rows", async () => {
    const { store, people } = await openPeople();
    for (let key = 0; key < 500; key++) people.insert(key, { city: `c${key % 7}` });
    await store.commit();
    let told = 0;
    const opening = byCity(store, people, {
      commitEvery: 40,
      onProgress: ({ rows }: { rows: number }) => {
        told = rows;
        people.insert(1000 + rows, { city: "new" });
        if (rows % 80 === 0) people.insert(rows, { city: `c${rows % 7}` }, -1);
        if (rows % 120 === 0) store.discard();
      },
    });
    expect(() => people.insert(-1, { city: "x" })).toThrow(
      expect.objectContaining({ code: "ZSPINE_CONFLICT" }),
    );
    const index = await opening;
    expect(told).toBe(500);
    expect((await index.verify()).isSound).toBe(true);
    expect((await index.get("new")).length).toBeGreaterThan(3);
    await store.close();
  });

  it("O6 killed at each step, when it is made, made anew and written, has what its source has", async () => {
    const seen = new Set<string>();
    for (const version of [undefined, 2]) {
      const steps = await killEverywhere(
        async ({ backend }) => {
          const { store, people } = await openPeople({ backend });
          for (let key = 0; key < 9; key++) people.insert(key, { city: `c${key % 3} d` });
          await store.commit();
          if (version === 2) await byCity(store, people, { version: 1 });
          await store.close();
        },
        async ({ backend }) => {
          const { store, people } = await openPeople({ backend });
          await byCity(store, people, { commitEvery: 4, version });
          people.insert(0, { city: "c0 d" }, -1);
          people.insert(9, { city: "e" });
          await store.commit();
          await store.close();
        },
        async ({ backend }) => {
          const { store, people } = await openPeople({ backend });
          const index = await byCity(store, people, { version });
          expect((await index.verify()).isSound).toBe(true);
          seen.add(`${people.size} ${(await index.get("d")).length}`);
          people.insert(20, { city: "d" });
          await store.commit();
          expect((await index.verify()).isSound).toBe(true);
          await store.close();
        },
      );
      expect(steps).toBeGreaterThan(6);
    }
    expect([...seen].map((text) => text.split(" ")[1])).toEqual(["9", "8"]);
  });

  it("O6 whose making is aborted, or fails, follows nothing, and is made when it is opened again", async () => {
    const { store, people } = await openPeople();
    for (let key = 0; key < 50; key++) people.insert(key, { city: "a" });
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const aborted = byCity(store, people, { commitEvery: 10, signal: controller.signal, onProgress });
    expect(await codeOf(aborted)).toBe("ZSPINE_ABORTED");
    const failing = (key: number): string[] => {
      if (key === 30) throw new RangeError("thirty");
      return ["a"];
    };
    await expect(byCity(store, people, { of: failing })).rejects.toThrow(RangeError);
    people.insert(30, { city: "a" }, -1);
    const index = await byCity(store, people);
    expect((await index.verify()).isSound).toBe(true);
    expect((await index.get("a")).length).toBe(49);
    await store.close();
  });

  it("O6 agrees with its source over memory and files, whatever is written, committed and discarded", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-data-"));
    const row = fc.record({
      key: fc.integer({ min: 0, max: 5 }),
      value: fc.record({ city: fc.constantFrom("", "a", "b", "a b", "b c") }),
      weight: fc.constantFrom(1, -1, 2),
    });
    const step = fc.oneof(
      fc.record({ what: fc.constant("insert" as const), row }),
      fc.record({ what: fc.constant("all" as const), rows: fc.array(row, { maxLength: 5 }) }),
      fc.record({ what: fc.constantFrom("commit" as const, "discard" as const, "reopen" as const) }),
    );
    let places = 0;
    try {
      for (const isFile of [false, true])
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.nat(14), async (steps, from) => {
            const backend = isFile ? file({ location: join(location, `p${places++}`) }) : memory();
            let { store, people } = await openPeople({ backend });
            let index: ByCity | undefined;
            for (const [at, one] of steps.entries()) {
              if (at >= from) index ??= await byCity(store, people);
              if (one.what === "insert") people.insert(one.row.key, one.row.value, one.row.weight);
              else if (one.what === "all") people.insertAll(one.rows);
              else if (one.what === "commit") await store.commit();
              else if (one.what === "discard") store.discard();
              else if (isFile) {
                await store.close();
                ({ store, people } = await openPeople({ backend }));
                if (index !== undefined) index = await byCity(store, people);
              }
              if (index !== undefined) expect((await index.verify()).isSound).toBe(true);
            }
            await store.close();
          }),
          { seed: 6, numRuns: isFile ? 15 : 100 },
        );
    } finally {
      rmSync(location, { recursive: true });
    }
  });

  it("refuses what it does not understand, and a trace that is no index, with nothing done", async () => {
    const { store, people } = await openPeople();
    const { store: other, people: foreign } = await openPeople();
    const mine = await store.trace("mine", { ...PLAIN, create: true });
    const timed = await temporalTrace(store, "timed", { ...PLAIN, create: true });
    const wrong: readonly [() => Promise<unknown>, ZspineErrorCode][] = [
      [() => byCity(store, foreign), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity({} as never, people), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, timed as never), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, people, { of: undefined }), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, people, { key: 7 }), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, people, { unique: true }), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, people, { version: {} }), "ZSPINE_INVALID_OPTIONS"],
      [() => byCity(store, people, { key: z.array(z.string()) }), "ZSPINE_NOT_SUPPORTED"],
      [() => byCity(store, people, { signal: AbortSignal.abort() }), "ZSPINE_ABORTED"],
      [() => secondaryIndex(store, people, "mine", { key: z.string(), of }), "ZSPINE_CONFLICT"],
      [() => secondaryIndex(store, people, "", { key: z.string(), of }), "ZSPINE_INVALID_OPTIONS"],
    ];
    for (const [work, code] of wrong) expect(await codeOf(work())).toBe(code);
    expect([mine.size, store.token]).toEqual([0, 0]);
    people.insert(1, { city: "a" });
    const both = await Promise.allSettled([byCity(store, people), byCity(store, people)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    people.insert(2, { city: "b" });
    await store.close();
    await other.close();
  });
});
