import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { equals, isZspineError, type BackendOpener, type ZspineErrorCode } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "@zspine/temporal";
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { migrate, move, secondaryIndex, type MigrationReport } from "../../src/index.ts";
import { Killable } from "../sample/killable.ts";
import { NOTHING, rowsOf, SAMPLES, serializer } from "../sample/samples.ts";

const OLD = { key: z.int32(), value: z.object({ name: z.string(), cents: z.int32() }) };
const NEW = { key: z.string(), value: z.object({ id: z.int64(), euros: z.number() }) };
type Old = Trace<number, { name: string; cents: number }>;
type New = Trace<string, { id: bigint; euros: number }>;

const toNew = (id: number, { name, cents }: { name: string; cents: number }) =>
  name === "nobody"
    ? undefined
    : name.split(" ").map((key) => ({ key, value: { id: BigInt(id), euros: cents / 100 }, weight: 2 }));

async function codeOf(work: Promise<unknown>): Promise<ZspineErrorCode | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (found: unknown) => found,
  );
  return isZspineError(error) ? error.code : undefined;
}

async function textsOf(trace: Pick<New, "rows">): Promise<string[]> {
  const texts: string[] = [];
  for await (const { key, value, weight } of trace.rows())
    texts.push(`${key} ${value.id} ${value.euros} ${weight}`);
  return texts;
}

async function openOld(backend?: BackendOpener, rows = 12): Promise<{ store: Store; old: Old }> {
  const store = await openStore(backend === undefined ? {} : { backend });
  const old = await store.trace("old", { ...OLD, create: true });
  if (old.size === 0) {
    for (let id = 0; id < rows; id++)
      old.insert(
        Math.floor(id / 3),
        { name: id % 5 === 4 ? "nobody" : `a b${id}`, cents: id * 10 },
        id % 4 === 3 ? -1 : 1,
      );
    await store.commit({ metadata: { offset: 7 } });
  }
  return { store, old };
}

async function openNew(backend?: BackendOpener): Promise<{ store: Store; target: New }> {
  const store = await openStore(backend === undefined ? {} : { backend });
  return { store, target: await store.trace("new", { ...NEW, create: true }) };
}

/** What the rows of the sample become. */
async function expectedOf(old: Pick<Old, "rows">): Promise<string[]> {
  const texts: [string, number, string][] = [];
  for await (const { key, value, weight } of old.rows())
    for (const row of toNew(key, value) ?? [])
      texts.push([
        row.key,
        key * 1000 + value.cents,
        `${row.key} ${row.value.id} ${row.value.euros} ${row.weight * weight}`,
      ]);
  return texts.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x - y)).map(([, , text]) => text);
}

describe("migrate()", () => {
  it("O6 moves rows to another schema, each to none, one or many, and reads one commit of its source", async () => {
    const { store: from, old } = await openOld();
    const { store: to, target } = await openNew();
    const expected = await expectedOf(old);
    old.insert(99, { name: "uncommitted", cents: 1 });
    const before = from.token;
    const seen: number[] = [];
    const report = await migrate(from, to, [move(old, target, toNew)], {
      name: "to version 2",
      commitEvery: 5,
      metadata: from.metadata,
      onProgress: ({ rows, committedRows }) => {
        seen.push(committedRows);
        old.insert(1000 + rows, { name: "later", cents: 1 });
        void from.commit();
      },
    });
    expect(await textsOf(target)).toEqual(expected);
    expect(report).toEqual({ rows: 12, written: 20, source: before, token: to.token, wasDone: false });
    expect(seen).toEqual([6, 12, 18, 20]);
    expect([to.metadata, from.holds()]).toEqual([{ offset: 7 }, []]);
    const again = await migrate(from, to, [move(old, target, toNew)], { name: "to version 2" });
    expect(again).toEqual({ ...report, wasDone: true });
    expect(await textsOf(target)).toEqual(expected);
    await from.close();
    await to.close();
  });

  it("O6 moves any rows as they are, of every type of column", async () => {
    for (const sample of [...SAMPLES, NOTHING]) {
      const key = sample === NOTHING ? SAMPLES[0]! : sample;
      await fc.assert(
        fc.asyncProperty(rowsOf(key, sample), fc.integer({ min: 1, max: 5 }), async (rows, commitEvery) => {
          await using from = await openStore({ backend: memory(), serializer });
          await using to = await openStore({ backend: memory(), serializer });
          const schemas = { key: key.schema, value: sample.schema };
          const old = await from.trace("rows", schemas);
          old.insertAll(rows as never);
          await from.commit();
          const target = await to.trace("rows", schemas);
          await migrate(from, to, [move(old, target)], { name: "copy", commitEvery });
          using was = old.snapshot();
          using is = target.snapshot();
          expect(equals(await was.zset(), await is.zset())).toBe(true);
        }),
        { seed: 6, numRuns: 8 },
      );
    }
  });

  it("O6 goes on where it was, of any position of a key of any type, when it was aborted", async () => {
    for (const sample of SAMPLES) {
      const [rows] = fc.sample(rowsOf(sample, SAMPLES[0]!), { seed: 8, numRuns: 1 });
      await using from = await openStore({ backend: memory(), serializer });
      await using to = await openStore({ backend: memory(), serializer });
      const schemas = { key: sample.schema, value: z.int32() };
      const old = await from.trace("rows", schemas);
      old.insertAll(rows as never);
      // Several rows of a key, so that parts end within one.
      for (const { key } of rows!.slice(0, 3)) for (let at = 0; at < 3; at++) old.insert(key, at);
      await from.commit();
      const target = await to.trace("rows", schemas);
      let calls = 0;
      for (; ; calls++) {
        const controller = new AbortController();
        const options = { name: "copy", commitEvery: 2, signal: controller.signal };
        let parts = 0;
        const onProgress = (): void => {
          if (++parts === 1) controller.abort();
        };
        const code = await codeOf(migrate(from, to, [move(old, target)], { ...options, onProgress }));
        if (code === undefined) break;
        expect(code).toBe("ZSPINE_ABORTED");
      }
      expect(calls).toBeGreaterThan(0);
      using was = old.snapshot();
      using is = target.snapshot();
      expect(equals(await was.zset(), await is.zset())).toBe(true);
    }
  });

  it("O6 C29 killed at each step of either store, loses no row and has none twice", async () => {
    for (const killed of ["from", "to"] as const) {
      const seen = new Set<number>();
      for (let step = 1; ; step++) {
        const places = { from: new Killable(), to: new Killable() };
        const run = async (): Promise<MigrationReport> => {
          const { store: from, old } = await openOld(places.from.backend);
          const { store: to, target } = await openNew(places.to.backend);
          const report = await migrate(from, to, [move(old, target, toNew)], { name: "v2", commitEvery: 3 });
          // Whatever is committed to the source by then is not in it.
          if (!report.wasDone) old.insert(50, { name: "later", cents: 1 });
          await from.commit();
          await from.close();
          await to.close();
          return report;
        };
        await (await openOld(places.from.backend)).store.close();
        const place = places[killed];
        place.calls = 0;
        place.killAt = step;
        const ended = await run().then(
          () => true,
          () => false,
        );
        const isOver = place.calls < step;
        expect(ended || !isOver).toBe(true);
        for (const other of [places.from, places.to]) {
          other.killAt = Infinity;
          other.kill();
        }
        {
          const { store: to, target } = await openNew(places.to.backend);
          seen.add((await target.count()).rows);
          await to.close();
        }
        {
          // Somebody goes on writing to the source in between.
          const { store: from, old } = await openOld(places.from.backend);
          old.insert(60 + step, { name: "between", cents: 1 });
          await from.commit();
          await from.close();
        }
        await run();
        const { store: from } = await openOld(places.from.backend);
        const { store: to, target } = await openNew(places.to.backend);
        const { store: fresh, old: sample } = await openOld();
        const found = (await textsOf(target)).filter((text) => !text.startsWith("between"));
        expect(found).toEqual(await expectedOf(sample));
        expect(from.holds()).toEqual([]);
        for (const store of [from, to, fresh]) await store.close();
        if (isOver) break;
      }
      if (killed === "to") expect(seen.size).toBeGreaterThan(4);
    }
  });

  it("O6 whose calls fail at each step, determinately or not, goes on to the same end", async () => {
    for (const type of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        const place = new Killable();
        const { store: from, old } = await openOld();
        const { store: to, target } = await openNew(place.backend);
        place.calls = 0;
        place.fault = { at, what: { type } };
        const run = (): Promise<MigrationReport> =>
          migrate(from, to, [move(old, target, toNew)], { name: "v2", commitEvery: 4 });
        await run().catch(() => undefined);
        const isOver = place.calls < at;
        place.fault = undefined;
        await run();
        expect(await textsOf(target)).toEqual(await expectedOf(old));
        expect(to.discard()).toBe(0);
        await from.close();
        await to.close();
        if (isOver) break;
      }
    }
  });

  it("O6 moves the history of a temporal trace, which reads as of the same times, killed at each step", async () => {
    const schemas = { key: z.string(), value: z.int32() };
    const openPrices = (store: Store): Promise<TemporalTrace<string, number>> =>
      temporalTrace(store, "prices", { ...schemas, create: true, late: "accept" });
    for (let step = 1; ; step++) {
      const places = { from: new Killable(), to: new Killable() };
      {
        const store = await openStore({ backend: places.from.backend });
        const prices = await openPrices(store);
        for (let time = 1; time <= 9; time++)
          prices.insert(time, `k${time % 3}`, time, time % 4 === 0 ? -1 : 1);
        prices.advance(10);
        await store.commit();
        prices.advanceSince(4);
        await store.commit();
        await store.close();
      }
      const run = async (): Promise<void> => {
        const from = await openStore({ backend: places.from.backend });
        const to = await openStore({ backend: places.to.backend });
        const [prices, copy] = [await openPrices(from), await openPrices(to)];
        // What comes late is not in what is moved.
        const onProgress = (): void => {
          prices.insert(prices.upper + 1, "later", 1);
          void from.commit().catch(() => undefined);
        };
        await migrate(from, to, [move(prices, copy)], { name: "copy", commitEvery: 2, onProgress });
        for (let time = 4; time <= 9; time++) {
          using was = await prices.asOf(time);
          using is = await copy.asOf(time);
          expect(equals(await was.zset(), await is.zset())).toBe(true);
        }
        expect([copy.upper, copy.lastComplete]).toEqual([10, 9]);
        await to.commit();
        expect(copy.since).toBe(4);
        expect(prices.explainSince().holders).toEqual([]);
        expect((await copy.times()).map(({ time }) => time)).toEqual([4, 5, 6, 7, 8, 9]);
        await from.close();
        await to.close();
      };
      places.to.killAt = step;
      await run().catch((error: unknown) => {
        if (places.to.calls < step) throw error;
      });
      const isOver = places.to.calls < step;
      for (const place of [places.from, places.to]) {
        place.killAt = Infinity;
        place.kill();
      }
      await run();
      if (isOver) break;
    }
  });

  it("O6 moves between traces with times and without, by what its function says", async () => {
    const { store: from, old } = await openOld();
    const prices = await temporalTrace(from, "prices", { key: z.string(), value: z.int32(), create: true });
    prices.insert(1, "a", 1);
    prices.insert(2, "a", 1, -1);
    prices.insert(2, "a", 2);
    prices.insert(5, "b", 5);
    prices.advance(5);
    await from.commit();
    const { store: to, target } = await openNew();
    const events = await temporalTrace(to, "events", { key: z.int32(), value: z.string(), create: true });
    const now = await to.trace("now", { key: z.string(), value: z.int32(), create: true });
    await migrate(
      from,
      to,
      [
        move(old, events, (key, { name }, time) => ({ key, value: name, time: time ?? key })),
        move(prices, now),
      ],
      { name: "x" },
    );
    events.advance(10);
    await to.commit();
    expect((await events.times()).map(({ time }) => time)).toEqual([0, 1, 2, 3]);
    expect(await now.get("a")).toEqual([{ value: 2, weight: 1 }]);
    expect(await now.has("b")).toBe(false);
    expect(target.size).toBe(0);
    await from.close();
    await to.close();
  });

  it("O6 moves within one store, and into traces that have an index", async () => {
    const { store, old } = await openOld();
    const target = await store.trace("new", { ...NEW, create: true });
    const index = await secondaryIndex(store, target, "by id", {
      key: z.int64(),
      of: (_key, { id }) => [id],
    });
    await migrate(store, store, [move(old, target, toNew)], { name: "v2", commitEvery: 3 });
    expect(await textsOf(target)).toEqual(await expectedOf(old));
    expect((await index.verify()).isSound).toBe(true);
    expect((await index.get(1n)).length).toBeGreaterThan(1);
    await store.close();
  });

  it("O6 moves from a store that only reads, over files, and agrees with one in memory", async () => {
    const location = join(mkdtempSync(join(tmpdir(), "zspine-data-")), "store");
    try {
      const { store: writer, old: written } = await openOld(file({ location }), 300);
      const expected = await expectedOf(written);
      await writer.close();
      const from = await openStore({ backend: file({ location }), readOnly: true });
      const old = await from.trace("old", OLD);
      const { store: to, target } = await openNew();
      const controller = new AbortController();
      const options = { name: "v2", commitEvery: 100 };
      const onProgress = (): void => controller.abort();
      const stopped = migrate(from, to, [move(old, target, toNew)], {
        ...options,
        signal: controller.signal,
        onProgress,
      });
      expect(await codeOf(stopped)).toBe("ZSPINE_ABORTED");
      await migrate(from, to, [move(old, target, toNew)], options);
      expect(await textsOf(target)).toEqual(expected);
      await from.close();
      await to.close();
    } finally {
      rmSync(join(location, ".."), { recursive: true });
    }
  });

  it("O6 says which row does not fit, keeps what it has, and goes on when it is what it was", async () => {
    const { store: from, old } = await openOld();
    const { store: to, target } = await openNew();
    let isMended = false;
    const map = (id: number, { name, cents }: { name: string; cents: number }) => ({
      key: name,
      value: { id: !isMended && id === 2 ? (id as never) : BigInt(id), euros: cents },
    });
    const run = (version: number): Promise<MigrationReport> =>
      migrate(from, to, [move(old, target, map, { version })], { name: "v2", commitEvery: 2 });
    await expect(run(1)).rejects.toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["value", "id"],
      message: expect.stringMatching(/row of key 2 of "old", to "new": value\.id/) as string,
    });
    expect([(await target.count()).rows, to.discard()]).toEqual([6, 0]);
    expect(await codeOf(run(2))).toBe("ZSPINE_CONFLICT");
    isMended = true;
    expect((await run(1)).written).toBe(12);
    expect((await target.count()).rows).toBe(12);
    await from.close();
    await to.close();
  });

  it("O6 tells when what it was of is not held any more", async () => {
    const { store: from, old } = await openOld();
    const { store: to, target } = await openNew();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const options = { name: "v2", commitEvery: 2 };
    await migrate(from, to, [move(old, target, toNew)], {
      ...options,
      signal: controller.signal,
      onProgress,
    }).catch(() => undefined);
    await from.release("migration v2");
    old.insert(1, { name: "more", cents: 1 });
    await from.commit();
    expect(await codeOf(migrate(from, to, [move(old, target, toNew)], options))).toBe("ZSPINE_TIME_PASSED");
    await from.close();
    await to.close();
  });

  it("O6 does not go on into a target that was made anew", async () => {
    const { store: from, old } = await openOld();
    const { store: to, target } = await openNew();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const options = { name: "v2", commitEvery: 2 };
    const stopped = migrate(from, to, [move(old, target, toNew)], {
      ...options,
      signal: controller.signal,
      onProgress,
    });
    expect(await codeOf(stopped)).toBe("ZSPINE_ABORTED");
    await to.drop("new");
    const anew = await to.trace("new", { ...NEW, create: true });
    expect(await codeOf(migrate(from, to, [move(old, anew, toNew)], options))).toBe("ZSPINE_CONFLICT");
    await migrate(from, to, [move(old, anew, toNew)], { ...options, name: "v2 again" });
    expect(await textsOf(anew)).toEqual(await expectedOf(old));
    await from.close();
    await to.close();
  });

  it("O6 of a source that has nothing has done all", async () => {
    await using from = await openStore();
    const old = await from.trace("old", OLD);
    const { store: to, target } = await openNew();
    expect(await migrate(from, to, [move(old, target, toNew)], { name: "v2" })).toMatchObject({
      rows: 0,
      source: 0,
    });
    expect(target.size).toBe(0);
    await to.close();
  });

  it("refuses what it does not understand, with nothing done", async () => {
    const { store: from, old } = await openOld();
    const { store: to, target } = await openNew();
    const timed = await temporalTrace(to, "timed", { ...OLD, create: true });
    const same = await to.trace("same", { ...OLD, create: true });
    const other = await to.trace("full", { ...OLD, create: true });
    other.insert(1, { name: "x", cents: 1 });
    const one = move(old, target, toNew);
    const wrong: readonly [() => unknown, ZspineErrorCode][] = [
      [() => migrate(from, to, [], { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, one as never, { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [
        () => migrate(from, to, [{ from: old, to: target } as never], { name: "x" }),
        "ZSPINE_INVALID_OPTIONS",
      ],
      [() => migrate(from, to, [one, one], { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(to, from, [one], { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, [one], {} as never), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, [one], { name: "x".repeat(181) }), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, [one], { name: "x", resume: true } as never), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, [one], { name: "x", signal: AbortSignal.abort() }), "ZSPINE_ABORTED"],
      [() => migrate(from, to, [move(old, timed)], { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [() => migrate(from, to, [move(old, other)], { name: "x" }), "ZSPINE_CONFLICT"],
      [() => migrate(to, to, [move(same, same)], { name: "x" }), "ZSPINE_INVALID_OPTIONS"],
      [async () => move(7 as never, target), "ZSPINE_INVALID_OPTIONS"],
      [async () => move(old, same, 7 as never), "ZSPINE_INVALID_OPTIONS"],
      [async () => move(old, same, () => undefined, { verison: 1 } as never), "ZSPINE_INVALID_OPTIONS"],
    ];
    for (const [work, code] of wrong) expect(await codeOf(work() as Promise<unknown>)).toBe(code);
    expect([target.size, to.token, from.holds()]).toEqual([0, 0, []]);
    const both = [0, 1].map(() => migrate(from, to, [one], { name: "x" }));
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await codeOf(migrate(from, to, [move(old, same)], { name: "x" }))).toBe("ZSPINE_CONFLICT");
    await migrate(from, to, [move(old, other)], { name: "y", mayHaveRows: true });
    expect((await other.count()).rows).toBe(13);
    await from.close();
    await to.close();
  });

  it("O6 refuses what its function gives that has more to it than a row", async () => {
    const { store: from, old } = await openOld();
    const to = await openStore();
    const target = await to.trace("old", OLD);
    const one = move(old, target, (key, value) => ({ key, value, wieght: 3 }));
    expect(await codeOf(migrate(from, to, [one], { name: "x" }))).toBe("ZSPINE_INVALID_OPTIONS");
    expect(target.size).toBe(0);
    await from.close();
    await to.close();
  });
});
