import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { handleOf, isZspineError, type BackendOpener, type ZspineErrorCode } from "@zspine/core";
import { openStore, type Trace } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { retainedPlaces } from "../../../store/test/retained-places.ts";
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { remove, removeAll, update, upsert, upsertAll } from "../../src/index.ts";

const SCHEMAS = { key: z.string(), value: z.object({ n: z.int32() }) };
type Items = Trace<string, { n: number }>;

async function codeOf(work: Promise<unknown>): Promise<ZspineErrorCode | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

async function textsOf(items: Items): Promise<string[]> {
  const texts: string[] = [];
  for await (const { key, value, weight } of items.rows()) texts.push(`${key} ${value.n} ${weight}`);
  return texts;
}

describe("upsert(), update() and remove()", () => {
  it("O6 put one row under a key, and tell what was there", async () => {
    await using store = await openStore();
    const items = await store.trace("items", SCHEMAS);
    expect(await upsert(items, "a", { n: 1 })).toEqual({
      kind: "inserted",
      before: undefined,
      after: { n: 1 },
    });
    await store.commit();
    expect(await upsert(items, "a", { n: 2 })).toEqual({
      kind: "replaced",
      before: { n: 1 },
      after: { n: 2 },
    });
    const { insertedRows } = items.stats();
    expect(await upsert(items, "a", { n: 2 })).toEqual({
      kind: "unchanged",
      before: { n: 2 },
      after: { n: 2 },
    });
    expect(items.stats().insertedRows).toBe(insertedRows);
    expect(await update(items, "a", (item) => ({ n: item!.n + 1 }))).toMatchObject({ after: { n: 3 } });
    expect(await update(items, "b", (item) => item)).toMatchObject({ kind: "absent" });
    expect(await update(items, "b", (item) => ({ n: item?.n ?? 7 }))).toMatchObject({ kind: "inserted" });
    expect(await textsOf(items)).toEqual(["a 3 1", "b 7 1"]);
    expect(await update(items, "b", () => undefined)).toMatchObject({ kind: "removed", before: { n: 7 } });
    expect(await remove(items, "a")).toMatchObject({ kind: "removed", before: { n: 3 }, after: undefined });
    expect(await remove(items, "a")).toMatchObject({ kind: "absent" });
    expect(await textsOf(items)).toEqual([]);
  });

  it("O6 that overlap follow one another, none lost", async () => {
    await using store = await openStore();
    const items = await store.trace("items", SCHEMAS);
    await Promise.all(
      Array.from({ length: 50 }, () => update(items, "a", (item) => ({ n: (item?.n ?? 0) + 1 }))),
    );
    expect(await textsOf(items)).toEqual(["a 50 1"]);
  });

  it("O6 refuse a key that holds what is no row, or replace all of it when they are told to", async () => {
    await using store = await openStore();
    const items = await store.trace("items", SCHEMAS);
    const held: readonly (readonly [number, number])[][] = [
      [[1, 2]],
      [[1, -1]],
      [
        [1, 1],
        [2, 1],
      ],
      [
        [1, 3],
        [2, -3],
      ],
    ];
    for (const [at, rows] of held.entries()) {
      const key = `k${at}`;
      for (const [n, weight] of rows) items.insert(key, { n }, weight);
      const before = await textsOf(items);
      const several = { several: "replace" } as const;
      for (const work of [
        () => upsert(items, key, { n: 1 }),
        () => update(items, key, () => ({ n: 1 })),
        () => remove(items, key),
        () =>
          upsertAll(items, [
            { key: "x", value: { n: 1 } },
            { key, value: { n: 9 } },
          ]),
        () => removeAll(items, [key]),
      ]) {
        expect(await codeOf(work())).toBe("ZSPINE_CONFLICT");
        await expect(work()).rejects.toThrow(/k\d.*not one row.*nothing was written/);
      }
      expect(await textsOf(items)).toEqual(before);
      expect(await upsert(items, key, { n: 5 }, several)).toMatchObject({ kind: "replaced" });
      expect((await textsOf(items)).filter((text) => text.startsWith(key))).toEqual([`${key} 5 1`]);
      items.insert(key, { n: 6 });
      expect(await removeAll(items, [key], several)).toMatchObject({ removed: 1 });
      expect((await textsOf(items)).filter((text) => text.startsWith(key))).toEqual([]);
    }
  });

  it("O6 do what a map does, one by one and many at once, over memory, files and a medium that is read by promises", async () => {
    const location = mkdtempSync(join(tmpdir(), "zspine-data-"));
    const keys = fc.constantFrom("a", "b", "c", "d", "e");
    const value = fc.record({ n: fc.integer({ min: 0, max: 3 }) });
    const step = fc.oneof(
      fc.record({ what: fc.constant("upsert" as const), key: keys, value }),
      fc.record({ what: fc.constant("update" as const), key: keys }),
      fc.record({ what: fc.constant("remove" as const), key: keys }),
      fc.record({
        what: fc.constant("upsertAll" as const),
        rows: fc.array(fc.record({ key: keys, value }), { maxLength: 6 }),
      }),
      fc.record({ what: fc.constant("removeAll" as const), keys: fc.array(keys, { maxLength: 4 }) }),
      fc.record({ what: fc.constant("commit" as const) }),
    );
    let places = 0;
    const media: (() => BackendOpener)[] = [
      () => ({ type: "memory", open: async () => memory(), drop: async () => undefined }),
      () => file({ location: join(location, `place ${places++}`) }),
      () => readByPromises(),
    ];
    try {
      for (const medium of media)
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
            await using store = await openStore({ backend: medium(), cacheBytes: 0 });
            const items: Items = await store.trace("items", SCHEMAS);
            const model = new Map<string, { n: number }>();
            for (const one of steps) {
              if (one.what === "upsert") {
                const { before, kind } = await upsert(items, one.key, one.value);
                expect(before).toEqual(model.get(one.key));
                expect(kind === "inserted").toBe(!model.has(one.key));
                model.set(one.key, one.value);
              } else if (one.what === "update") {
                await update(items, one.key, (item) =>
                  item?.n === 3 ? undefined : { n: (item?.n ?? 0) + 1 },
                );
                const was = model.get(one.key);
                if (was?.n === 3) model.delete(one.key);
                else model.set(one.key, { n: (was?.n ?? 0) + 1 });
              } else if (one.what === "remove") {
                const { kind } = await remove(items, one.key);
                expect(kind).toBe(model.delete(one.key) ? "removed" : "absent");
              } else if (one.what === "upsertAll") {
                const before = new Map(model);
                const counts = await upsertAll(items, one.rows);
                for (const { key, value: next } of one.rows) model.set(key, next);
                const touched = [...new Set(one.rows.map(({ key }) => key))];
                expect(counts).toEqual({
                  inserted: touched.filter((key) => !before.has(key)).length,
                  replaced: touched.filter(
                    (key) => before.has(key) && before.get(key)!.n !== model.get(key)!.n,
                  ).length,
                  unchanged: touched.filter((key) => before.get(key)?.n === model.get(key)!.n).length,
                  removed: 0,
                  absent: 0,
                });
              } else if (one.what === "removeAll") {
                const touched = new Set(one.keys);
                const { removed, absent } = await removeAll(items, one.keys);
                const there = [...touched].filter((key) => model.delete(key)).length;
                expect([removed, absent]).toEqual([there, touched.size - there]);
              } else await store.commit();
            }
            expect(await textsOf(items)).toEqual(
              [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { n }]) => `${key} ${n} 1`),
            );
          }),
          { seed: 6, numRuns: medium === media[0] ? 100 : 15 },
        );
    } finally {
      rmSync(location, { recursive: true });
    }
  });

  it("O6 refuse to put a row beside one that their function has written under the key, and let it write others", async () => {
    const store = await openStore();
    const items = await store.trace("items", SCHEMAS);
    const writes: readonly (() => void)[] = [
      () => items.insert("a", { n: 1 }),
      () =>
        items.insertAll([
          { key: "b", value: { n: 1 } },
          { key: "a", value: { n: 1 } },
        ]),
      () => items.insertBatch({ key: ["a"], value: { n: [1] } }),
      () => void upsert(items, "a", { n: 1 }),
    ];
    for (const write of writes) {
      const work = update(items, "a", () => {
        write();
        return { n: 2 };
      });
      expect(await codeOf(work)).toBe("ZSPINE_CONFLICT");
      expect(await items.get("a")).toEqual([{ value: { n: 1 }, weight: 1 }]);
      store.discard();
    }
    await update(items, "a", () => {
      items.insert("c", { n: 3 });
      return { n: 2 };
    });
    expect(await textsOf(items)).toEqual(["a 2 1", "c 3 1"]);
    await store.close();
  });

  it("refuse what they do not understand, and what is not of the schema, with nothing written", async () => {
    await using store = await openStore();
    const items = await store.trace("items", SCHEMAS);
    const prices = await temporalTrace(store, "prices", { ...SCHEMAS, create: true });
    items.insert("a", { n: 1 });
    const wrong: readonly [() => Promise<unknown>, ZspineErrorCode][] = [
      [() => upsert(items, 7 as never, { n: 1 }), "ZSPINE_INVALID_OPTIONS"],
      [() => upsert(items, "a", { n: 0.5 }), "ZSPINE_INVALID_OPTIONS"],
      [() => upsert(items, "a", { n: 2 }, { several: "drop" as never }), "ZSPINE_INVALID_OPTIONS"],
      [() => upsert({} as never, "a", { n: 2 }), "ZSPINE_INVALID_OPTIONS"],
      [() => upsert(prices as never, "a", { n: 2 }), "ZSPINE_NOT_SUPPORTED"],
      [() => upsert(items, "a", { n: 2 }, { signal: AbortSignal.abort() }), "ZSPINE_ABORTED"],
      [() => update(items, "a", { n: 2 } as never), "ZSPINE_INVALID_OPTIONS"],
      [() => update(items, "a", (async () => ({ n: 2 })) as never), "ZSPINE_INVALID_OPTIONS"],
      [() => upsertAll(items, { key: "a", value: { n: 2 } } as never), "ZSPINE_INVALID_OPTIONS"],
      [
        () =>
          upsertAll(items, [
            { key: "b", value: { n: 2 } },
            { key: "a", value: { n: "2" as never } },
          ]),
        "ZSPINE_INVALID_OPTIONS",
      ],
      [() => upsertAll(items, [{ key: "b", value: { n: 2 }, weight: 2 } as never]), "ZSPINE_INVALID_OPTIONS"],
      [() => upsertAll(items, [{ kee: "b", value: { n: 2 } } as never]), "ZSPINE_INVALID_OPTIONS"],
      [() => removeAll(items, "ab"), "ZSPINE_INVALID_OPTIONS"],
      [() => removeAll(items, [7 as never]), "ZSPINE_INVALID_OPTIONS"],
    ];
    for (const [work, code] of wrong) expect(await codeOf(work())).toBe(code);
    await expect(
      update(items, "a", () => {
        throw new RangeError("mine");
      }),
    ).rejects.toThrow(RangeError);
    expect(await textsOf(items)).toEqual(["a 1 1"]);
  });
});

/** A place that is not read at once, as IndexedDB is not. */
function readByPromises(): BackendOpener {
  const opener = retainedPlaces().opener("place");
  return {
    ...opener,
    async open(options) {
      const { getSync: _, ...backend } = forward(await opener.open(options));
      return handleOf({ ...backend, capabilities: { ...backend.capabilities, syncReads: false } });
    },
  };
}
