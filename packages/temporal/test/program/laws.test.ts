// Faults that programs have found, each as the law that it broke.
import { chaos, faultAt } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
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
  const store = await openStore(backend === undefined ? {} : { backend });
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
