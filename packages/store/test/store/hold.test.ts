import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { systemEnvironment, type IndexedZSet } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Snapshot, type Store, type StoreOptions, type Trace } from "../../src/index.ts";
import { retainedPlaces } from "../retained-places.ts";

const ROWS = { key: z.int32(), value: z.string() };
type Rows = Trace<number, string>;

const keysOf = (snapshot: Snapshot<number, string>): number[] =>
  Array.from(snapshot.rows(), ({ key }) => key);
const changesOf = (changes: IndexedZSet<number, string>): (readonly [number, number])[] =>
  Array.from(changes, ({ key, weight }) => [key, weight] as const);
const withCode = (code: string): Error => expect.objectContaining({ code }) as Error;

async function commitKey(store: Store, trace: Rows, key: number, weight = 1): Promise<number> {
  trace.insert(key, "v", weight);
  return store.commit({ metadata: { key } });
}

/** A store in a place that outlives it; `reopen` opens it again. */
async function open(options: StoreOptions = {}) {
  const places = retainedPlaces();
  const reopen = async (more: StoreOptions = {}): Promise<{ store: Store; trace: Rows }> => {
    const store = await openStore({ backend: places.opener("place"), ...options, ...more });
    return { store, trace: await store.trace("t", { ...ROWS, create: more.readOnly !== true }) };
  };
  return { places, reopen, ...(await reopen()) };
}

describe("Store.hold()", () => {
  it("F16 keeps a commit apart from what came later, over merges and restarts: what has changed since is told", async () => {
    const { store: first, trace: written, reopen } = await open({ stagingRows: 3 });
    for (let key = 0; key < 20; key++) await commitKey(first, written, key);
    expect(await first.hold("feed")).toBe(20);
    written.insert(3, "v", -1);
    await commitKey(first, written, 100);
    await first.compact();
    await first.close();
    const expected: (readonly [number, number])[] = [
      [3, -1],
      [100, 1],
    ];
    for (let opening = 0; opening < 3; opening++) {
      const { store, trace } = await reopen();
      expect(store.holds()).toMatchObject([{ name: "feed", token: 20, metadata: { key: 19 }, state: "ok" }]);
      await store.compact();
      const token = await commitKey(store, trace, 200 + opening);
      expected.push([200 + opening, 1]);
      using held = store.atHold("feed");
      using now = store.at(token);
      expect([held.token, held.metadata]).toEqual([20, { key: 19 }]);
      expect(keysOf(held.of(trace))).toEqual(Array.from({ length: 20 }, (_, key) => key));
      expect([held.of(trace).totalWeight, held.of(trace).get(3).length]).toEqual([20, 1]);
      const changes = await now.of(trace).loadSince(held.of(trace));
      expect(changesOf(changes)).toEqual(expected);
      expect(changesOf(now.of(trace).since(held.of(trace)))).toEqual(expected);
      const back = await held.of(trace).loadSince(now.of(trace));
      expect(changesOf(back).map(([key, weight]) => [key, -weight])).toEqual(expected);
      expect(await store.verify()).toMatchObject({ isSound: true, problems: [] });
      await store.close();
    }
  });

  it("F16 holds the commit of a reader that is open, of traces too that were opened after the reader", async () => {
    const { store: first, trace: written, reopen } = await open({ stagingRows: 1 });
    const others = await first.trace("other", { ...ROWS, create: true });
    others.insert(1, "v");
    await commitKey(first, written, 1);
    await first.close();
    const { store, trace } = await reopen();
    const reader = store.at(1);
    const late = await store.trace("other", ROWS);
    const fresh = await store.trace("fresh", { ...ROWS, create: true });
    for (let key = 2; key < 12; key++) {
      late.insert(key, "v");
      fresh.insert(key, "v");
      await commitKey(store, trace, key);
    }
    await store.compact();
    expect(await store.hold("a", { at: reader.token })).toBe(1);
    reader.close();
    await commitKey(store, trace, 12);
    await store.compact();
    await store.close();
    const again = await reopen();
    const traces = [
      again.trace,
      await again.store.trace("other", ROWS),
      await again.store.trace("fresh", ROWS),
    ];
    using held = again.store.atHold("a");
    expect(traces.map((one) => keysOf(held.of(one as Rows)))).toEqual([[1], [1], []]);
    const lengths = traces.map(async (one) => {
      using now = (one as Rows).snapshot();
      return [...(await now.loadSince(held.of(one as Rows)))].length;
    });
    expect(await Promise.all(lengths)).toEqual([11, 10, 10]);
    await again.store.close();
  });

  it("moves a name on, to a commit that another has too, and refuses to move it back: nothing changes then", async () => {
    const { store, trace } = await open();
    await expect(store.hold("a")).rejects.toThrow(withCode("ZSPINE_CONFLICT"));
    await commitKey(store, trace, 1);
    await store.hold("a");
    await store.hold("b");
    await commitKey(store, trace, 2);
    expect(await store.hold("b")).toBe(3 + 1);
    expect(store.holds().map(({ name, token }) => [name, token])).toEqual([
      ["a", 1],
      ["b", 4],
    ]);
    await expect(store.hold("b", { at: 1 })).rejects.toThrow(/is at commit 4 and cannot go back to 1/);
    await expect(store.hold("b", { at: 1 })).rejects.toThrow(withCode("ZSPINE_TIME_REGRESSED"));
    await expect(store.hold("c", { at: 3 })).rejects.toThrow(withCode("ZSPINE_TIME_PASSED"));
    for (const at of [0, 5, 1.5, "1", null])
      await expect(store.hold("c", { at: at as number })).rejects.toThrow(withCode("ZSPINE_INVALID_OPTIONS"));
    await expect(store.hold("c", { lease: 0 })).rejects.toThrow(withCode("ZSPINE_INVALID_OPTIONS"));
    await expect(store.hold("", {})).rejects.toThrow(withCode("ZSPINE_INVALID_OPTIONS"));
    expect(await store.hold("c", { at: 1 })).toBe(1);
    const { head } = store.stats();
    expect(await store.hold("a", { at: 1 })).toBe(1);
    expect(store.stats().head).toBe(head);
    await store.close();
  });

  it("names what holds there are when one is not there, and lets go of one for good", async () => {
    const { store, trace, reopen } = await open({ stagingRows: 1 });
    await commitKey(store, trace, 1);
    await store.hold("feed");
    expect(() => store.atHold("fed")).toThrow(/no hold "fed"; known: "feed".*mean "feed"/s);
    await expect(store.release("fed")).rejects.toThrow(withCode("ZSPINE_UNKNOWN_NAME"));
    for (let key = 2; key < 9; key++) await commitKey(store, trace, key);
    await store.release("feed");
    await store.compact();
    expect([store.holds(), trace.stats().batches]).toEqual([[], 1]);
    await store.close();
    const again = await reopen();
    expect(() => again.store.atHold("feed")).toThrow(withCode("ZSPINE_UNKNOWN_NAME"));
    await again.store.close();
  });

  it("of a trace that was dropped keeps nothing: one of its name that is made then has no rows at the commit", async () => {
    const { store, trace, reopen } = await open();
    await commitKey(store, trace, 1);
    await store.hold("feed");
    await store.drop("t");
    const other = await store.trace("t", { ...ROWS, create: true });
    await commitKey(store, other, 2);
    await store.close();
    const again = await reopen();
    using held = again.store.atHold("feed");
    expect(keysOf(held.of(again.trace))).toEqual([]);
    await again.store.close();
  });

  it("works over rows in memory too, as long as the process lives", async () => {
    await using store = await openStore({ backend: memory(), stagingRows: 2 });
    const trace = await store.trace("t", ROWS);
    for (let key = 0; key < 9; key++) await commitKey(store, trace, key);
    await store.hold("feed");
    for (let key = 0; key < 9; key++) await commitKey(store, trace, key, -1);
    await store.compact();
    using held = store.atHold("feed");
    expect([keysOf(held.of(trace)).length, trace.stats().batches]).toEqual([9, 2]);
    await store.release("feed");
    held.close();
    await store.compact();
    expect(trace.stats().batches).toBe(0);
  });

  it("is read by a store that only reads, as of what it has taken over, and not changed by it", async () => {
    const location = await mkdtemp(join(tmpdir(), "hold-"));
    const writer = await openStore({ backend: file({ location }), stagingRows: 2 });
    const written = await writer.trace("t", ROWS);
    for (let key = 0; key < 5; key++) await commitKey(writer, written, key);
    await writer.hold("feed");
    await commitKey(writer, written, 5);
    const reader = await openStore({ backend: file({ location }), readOnly: true });
    const trace = await reader.trace("t", ROWS);
    const check = async (held: number[], since: number[]): Promise<void> => {
      using before = reader.atHold("feed");
      using now = trace.snapshot();
      expect(keysOf(before.of(trace))).toEqual(held);
      expect(changesOf(await now.loadSince(before.of(trace))).map(([key]) => key)).toEqual(since);
    };
    await check([0, 1, 2, 3, 4], [5]);
    await expect(reader.hold("mine")).rejects.toThrow(withCode("ZSPINE_NOT_SUPPORTED"));
    await expect(reader.release("feed")).rejects.toThrow(withCode("ZSPINE_NOT_SUPPORTED"));
    await commitKey(writer, written, 6);
    await writer.compact();
    await reader.refresh();
    await check([0, 1, 2, 3, 4], [5, 6]);
    await writer.hold("feed");
    await commitKey(writer, written, 7);
    await reader.refresh();
    await check([0, 1, 2, 3, 4, 5, 6], [7]);
    await writer.release("feed");
    await reader.refresh();
    expect(() => reader.atHold("feed")).toThrow(withCode("ZSPINE_UNKNOWN_NAME"));
    await Promise.all([reader.close(), writer.close()]);
    await rm(location, { recursive: true });
  });

  it("is left out of a backup, which numbers its commits itself", async () => {
    const { store, trace, places } = await open();
    await commitKey(store, trace, 1);
    await store.hold("feed");
    await commitKey(store, trace, 2);
    await store.backup(places.opener("backup"));
    await using copy = await openStore({ backend: places.opener("backup") });
    expect(copy.holds()).toEqual([]);
    expect(keysOf((await copy.trace("t", ROWS)).snapshot())).toEqual([1, 2]);
    await store.close();
  });
});

describe("a hold with bounds", () => {
  it("is let go of by a commit once more bytes have come than it may take: ok, at risk, expired, over restarts", async () => {
    const { store, trace, reopen } = await open({ stagingRows: 1 });
    await commitKey(store, trace, 0);
    await store.hold("big");
    await store.hold("feed", { maxBytes: 1500 });
    const told: unknown[] = [];
    store.on("hold", ({ name, from, to }) => told.push([name, from, to]));
    let key = 1;
    const bytes: number[] = [];
    while (store.holds()[1]!.state !== "expired" && key < 100) {
      bytes.push(store.holds()[1]!.bytes);
      await commitKey(store, trace, key++);
    }
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes[0]).toBe(0);
    expect(bytes.at(-1)).toBeLessThanOrEqual(1500);
    expect(store.stats().holds).toMatchObject([
      { name: "big", state: "ok", maxBytes: undefined },
      { name: "feed", state: "expired", maxBytes: 1500, bytes: 0 },
    ]);
    await Promise.resolve();
    expect(told).toEqual([
      ["feed", "ok", "at risk"],
      ["feed", "at risk", "expired"],
    ]);
    expect(() => store.atHold("feed")).toThrow(withCode("ZSPINE_TIME_PASSED"));
    expect(keysOf(store.atHold("big").of(trace))).toEqual([0]);
    await store.commit();
    await store.close();
    const again = await reopen();
    expect(() => again.store.atHold("feed")).toThrow(/"feed" of commit 1 has expired/);
    expect(await again.store.hold("feed")).toBeGreaterThan(key);
    expect(again.store.holds()[1]).toMatchObject({ state: "ok", maxBytes: undefined });
    await again.store.close();
  });

  it("is let go of when nobody has renewed it for its lease, which begins anew at each call and each opening", async () => {
    const clock = { ms: 0 };
    const environment = { ...systemEnvironment(), now: () => clock.ms };
    const { store, trace, reopen } = await open({ environment });
    const stateOf = (of: Store): unknown => of.holds()[0]!.state;
    await commitKey(store, trace, 0);
    await store.hold("feed", { lease: 100 });
    clock.ms += 74;
    expect(stateOf(store)).toBe("ok");
    clock.ms += 2;
    expect(stateOf(store)).toBe("at risk");
    await store.hold("feed", { at: 1, lease: 100 });
    expect(stateOf(store)).toBe("ok");
    clock.ms += 99;
    await store.close();
    clock.ms = -5000;
    const again = await reopen();
    expect(stateOf(again.store)).toBe("ok");
    clock.ms += 100;
    expect(stateOf(again.store)).toBe("expired");
    expect(() => again.store.atHold("feed")).toThrow(withCode("ZSPINE_TIME_PASSED"));
    // It is gone for good with the next commit, and not before.
    await again.store.close();
    clock.ms = 0;
    const third = await reopen();
    expect(stateOf(third.store)).toBe("ok");
    clock.ms += 100;
    await third.store.commit();
    await third.store.close();
    const fourth = await reopen();
    expect(stateOf(fourth.store)).toBe("expired");
    await fourth.store.close();
  });
});
