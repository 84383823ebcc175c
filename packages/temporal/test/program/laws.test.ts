// Faults that programs have found, each as the law that it broke.
import { chaos, faultAt, forward } from "@zspine/conformance";
import { systemEnvironment, turn, ZspineError, type BackendOpener } from "@zspine/core";
import { expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store } from "@zspine/store";
import { retainedPlaces } from "../../../store/test/retained-places.ts";
import { temporalTrace, type Delivery, type TemporalTrace } from "../../src/index.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };

interface Opened {
  readonly store: Store;
  readonly trace: TemporalTrace<number, string>;
}

async function open(backend?: BackendOpener): Promise<Opened> {
  const store = await openStore({ backend });
  return { store, trace: await temporalTrace(store, "t", { ...SCHEMAS, late: "accept" }) };
}

/** Completes times up to one, with a row at each. */
async function fill({ store, trace }: Opened, until: number): Promise<void> {
  for (let time = Math.max(0, trace.upper); time <= until; time++) trace.insert(time, time, "a");
  trace.advance(until + 1);
  await store.commit();
}

function follow({ trace }: Opened, options: object): () => Promise<Delivery<number, string>> {
  const iterator = trace.subscribe(options)[Symbol.asyncIterator]();
  return async () => (await iterator.next()).value as Delivery<number, string>;
}

it("F5 F17 the last complete time can be read until another is, whatever is to be kept of those before", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  trace.retain({ times: 0 });
  await fill(opened, 4);
  trace.advance(10);
  expect([trace.since, trace.upper]).toEqual([4, 5]);
  using reader = await trace.asOf(4);
  expect(await reader.get(1)).toHaveLength(1);
  reader.close();
  await store.commit();
  expect([trace.since, trace.upper]).toEqual([9, 10]);
});

it("F5 since does not go back when what was inserted is discarded", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  trace.retain({ times: 2 });
  await fill(opened, 9);
  expect(trace.since).toBe(7);
  trace.advance(20);
  expect(trace.advanceSince(5)).toBe(7);
  store.discard();
  expect(trace.since).toBe(7);
});

it("F5 what was asked of retention is taken back by discard(), but what a commit covers, and holds", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  await fill(opened, 9);
  const { since } = trace;
  trace.retain({ times: 2 });
  expect(trace.since).toBe(7);
  store.discard();
  expect([trace.since, trace.stats().kept]).toEqual([since, Infinity]);
  expect(trace.advanceSince(3)).toBe(3);
  trace.expire(6);
  trace.expireKeys(2);
  store.discard();
  expect([trace.since, trace.stats().wanted]).toEqual([since, since]);
  // So that none of it is refused as what came before.
  trace.advanceSince(2);
  using before = await trace.asOf(8);
  const rows = (await before.zset()).size;
  const held = await trace.hold({ name: "h", at: 4 });
  trace.retain({ times: 1 });
  store.discard();
  await store.commit();
  expect([held.at, trace.stats().kept]).toEqual([4, Infinity]);
  using after = await trace.asOf(8);
  expect((await after.zset()).size).toBe(rows);
  // A commit that was called covers what was asked for before, though no rows go with it; not what comes after.
  trace.retain({ times: 3 });
  const committing = store.commit();
  trace.retain({ times: 1 });
  store.discard();
  await committing;
  expect(trace.stats().kept).toBe(3);
  await store.commit();
  expect(trace.stats().kept).toBe(3);
});

it("F7 TT10 since is after a restart where it was", async () => {
  const places = retainedPlaces();
  const first = await open(places.opener("a"));
  first.trace.retain({ times: 2 });
  await fill(first, 9);
  expect(first.trace.since).toBe(7);
  await first.store.close();
  const { store, trace } = await open(places.opener("a"));
  expect(trace.since).toBe(7);
  await store.close();
});

it("F15 TT4 TT16 a subscription is given what came late and was not committed when it began", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  await fill(opened, 5);
  trace.insert(3, 30, "late");
  const next = follow(opened, {});
  const first = await next();
  expect([first.until, [...first.rows].length]).toEqual([2, 3]);
  await store.commit();
  const second = await next();
  expect([second.after, second.until, second.rows.get(30)]).toEqual([2, 5, [{ value: "late", weight: 1 }]]);
});

it("F13 a hold is of a time that nothing corrects any more", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  await fill(opened, 5);
  trace.advanceSince(2);
  trace.insert(4, 40, "late");
  using hold = await trace.hold();
  expect(hold.at).toBe(3);
  expect(await hold.advance(5)).toBe(3);
  await store.commit();
  expect(await hold.advance(5)).toBe(5);
  hold[Symbol.dispose]();
  trace.insert(trace.since, 20, "late", 2);
  await expect(trace.hold()).rejects.toMatchObject({ code: "ZSPINE_TIME_AHEAD" });
});

it("F13 a hold that is taken over goes no further than what is complete", async () => {
  const opened = await open();
  await using store = opened.store;
  await fill(opened, 5);
  await opened.trace.hold({ name: "h", at: 3 });
  const second = await opened.trace.hold({ name: "h", at: 100 });
  expect([second.at, opened.trace.advanceSince(100)]).toEqual([5, 5]);
  await store.commit();
});

it("F15 TT4 what is acknowledged in another order stays acknowledged", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  const next = follow(opened, { name: "s" });
  await fill(opened, 3);
  const first = await next();
  await fill(opened, 6);
  const second = await next();
  await second.acknowledge();
  await first.acknowledge();
  expect(trace.advanceSince(9)).toBe(6);
  await store.commit();
  await fill(opened, 8);
  expect(await follow(opened, { name: "s" })()).toMatchObject({ after: 6, until: 8 });
});

it("F15 TT5 what a subscription with a name was given is held before anything is acknowledged", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  const next = follow(opened, { name: "s" });
  await fill(opened, 3);
  const first = await next();
  await fill(opened, 9);
  expect(trace.advanceSince(8)).toBe(3);
  await store.commit();
  await store.compact();
  const second = await next();
  expect([second.after, Array.from(second.rows, ({ key }) => key)]).toEqual([3, [4, 5, 6, 7, 8, 9]]);
  expect(trace.since).toBe(3);
  await first.acknowledge();
  await second.acknowledge();
  expect(trace.since).toBe(8);
});

it("F15 an acknowledgement of what is folded by now is refused", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  await fill(opened, 3);
  const iterator = trace.subscribe({ name: "s" })[Symbol.asyncIterator]();
  const { value } = await iterator.next();
  await iterator.return?.();
  await fill(opened, 9);
  expect(trace.advanceSince(8)).toBe(8);
  await store.commit();
  await expect((value as Delivery<number, string>).acknowledge()).rejects.toMatchObject({
    code: "ZSPINE_TIME_PASSED",
  });
});

it("F15 TT4 an acknowledgement, a move and a release that failed are made when they are tried again", async () => {
  const places = retainedPlaces();
  let isFailing = false;
  const fault = faultAt(1, { type: "before" }, { isOnwards: true });
  const inner = places.opener("a");
  const opened = await open({
    type: inner.type,
    open: async (how) =>
      chaos(await inner.open(how), { plan: (call) => (isFailing ? fault(call) : undefined) }),
    drop: () => inner.drop(),
  });
  await fill(opened, 5);
  const delivery = await follow(opened, { name: "s" })();
  const moved = await opened.trace.hold({ name: "moved", at: 2 });
  const released = await opened.trace.hold({ name: "released", at: 2 });
  const again = [() => delivery.acknowledge(), () => moved.advance(4), () => released.release()];
  isFailing = true;
  for (const attempt of again) await expect(attempt()).rejects.toMatchObject({ code: "ZSPINE_IO" });
  isFailing = false;
  for (const attempt of again) await attempt();
  places.crash("a");
  const { store, trace } = await open(places.opener("a"));
  expect(trace.explainSince().holders).toMatchObject([
    { name: "moved", at: 4 },
    { name: "s", at: 5 },
  ]);
  await store.close();
});

it("F7 F18 a commit says upper as it was told when it was called, whatever was told while it waited", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  trace.advance(5);
  const first = store.commit();
  trace.advance(9);
  const second = store.commit();
  await first;
  expect(trace.upper).toBe(5);
  await second;
  expect(trace.upper).toBe(9);
});

it("F15 a subscription goes on when what it waited for is discarded", async () => {
  const opened = await open();
  await using store = opened.store;
  await fill(opened, 5);
  opened.trace.insert(3, 30, "late");
  const next = follow(opened, {});
  expect((await next()).until).toBe(2);
  const second = next();
  store.discard();
  expect(await second).toMatchObject({ after: 2, until: 5 });
});

it("F17 what is waited for ends with the store, also when the medium fails to be closed", async () => {
  const inner = retainedPlaces().opener("a");
  const { store, trace } = await open({
    type: inner.type,
    open: async (how) => ({
      ...forward(await inner.open(how)),
      close: () => Promise.reject(new ZspineError("ZSPINE_IO", "the medium is gone")),
    }),
    drop: () => inner.drop(),
  });
  const waiting = trace.asOf(3, { wait: true });
  await expect(store.close()).rejects.toMatchObject({ code: "ZSPINE_IO" });
  await expect(waiting).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
});

it("F5 L14 history is folded once heads say that it may be, also where no rows come", async () => {
  const opened = await open();
  await using store = opened.store;
  const { trace } = opened;
  for (let time = 0; time < 10; time++) trace.insert(time, 1, "a");
  trace.advance(10);
  await store.commit();
  expect([trace.advanceSince(9), trace.stats().rows]).toEqual([9, 10]);
  await store.flush();
  await store.finishMerges();
  expect(trace.stats().rows).toBe(1);
});

/** A trace whose commit has begun to write its rows, and goes on when it is let go. */
async function midCommit(): Promise<
  Opened & { letGo(most?: number): Promise<void>; crash(): Promise<Opened> }
> {
  const places = retainedPlaces();
  const inner = places.opener("a");
  const held: (() => void)[] = [];
  let isHeld = false;
  // The first that comes waits, and then no head is made but one.
  let heads = Infinity;
  const opened = await open({
    type: inner.type,
    open: async (how) => {
      const backend = await inner.open(how);
      const write: typeof backend.write = async (...args) => {
        if (isHeld && held.length === 0) await new Promise<void>((resolve) => held.push(resolve));
        return backend.write(...args);
      };
      const createHead: typeof backend.createHead = async (...args) => {
        if (heads-- <= 0) await new Promise(() => undefined);
        return backend.createHead(...args);
      };
      return { ...forward(backend), write, createHead };
    },
    drop: () => inner.drop(),
  });
  await fill(opened, 5);
  isHeld = true;
  // More than goes with a head.
  for (let key = 0; key < 20; key++) {
    const digits = Array.from({ length: 4000 }, (_, at) => Math.sin(key * 4000 + at));
    opened.trace.insert(6, key, digits.join(""));
  }
  const commit = opened.store.commit();
  while (held.length === 0) await turn(systemEnvironment());
  return {
    ...opened,
    letGo: async (most = 1) => {
      heads = most;
      held[0]!();
      await commit;
      heads = Infinity;
    },
    crash: () => {
      places.crash("a");
      return open(places.opener("a"));
    },
  };
}

it("F13 a hold with a name is in a head when it resolves, also when it is taken while a commit writes its rows", async () => {
  const { trace, letGo, crash } = await midCommit();
  const taking = trace.hold({ name: "h", at: 3 });
  // Its own head may be begun before who waits for the commit hears of that.
  void letGo(Infinity);
  await taking;
  const again = await crash();
  expect(again.trace.explainSince().holders).toMatchObject([{ name: "h", at: 3 }]);
  await again.store.close();
});

it("F5 F7 F8 what merges fold is what heads say, also while a commit is under way that says less", async () => {
  const { store, trace, letGo, crash } = await midCommit();
  expect(trace.advanceSince(4)).toBe(4);
  void store.compact().catch(() => undefined);
  for (let turns = 0; turns < 50; turns++) await turn(systemEnvironment());
  await letGo();
  const again = await crash();
  expect(again.trace.since).toBeLessThan(4);
  using then = await again.trace.asOf(1);
  expect((await then.count()).rows).toBe(2);
  then.close();
  await again.store.close();
});

it("F15 TT5 TT16 what a subscription is given is neither corrected nor folded while that is read", async () => {
  const places = retainedPlaces();
  const inner = places.opener("a");
  let gate = Promise.resolve();
  const backend: BackendOpener = {
    type: inner.type,
    open: async (how) => {
      const { getSync, ...opened } = forward(await inner.open(how));
      expect(getSync).toBeDefined();
      const get: typeof opened.get = async (...args) => {
        await gate;
        return opened.get(...args);
      };
      return { ...opened, get };
    },
    drop: () => inner.drop(),
  };
  const first = await open(backend);
  await fill(first, 5);
  await first.store.close();
  await using store = await openStore({ backend, cacheBytes: 0 });
  const trace = await temporalTrace(store, "t", { ...SCHEMAS, late: "accept" });
  let openGate = (): void => undefined;
  gate = new Promise((resolve) => (openGate = resolve));
  const delivery = follow({ store, trace }, {})();
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
  expect(() => trace.insert(3, 30, "late")).toThrow("were given");
  trace.advance(9);
  await store.commit();
  expect(trace.advanceSince(8)).toBe(5);
  openGate();
  expect((await delivery).until).toBe(5);
});
