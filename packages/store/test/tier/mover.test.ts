import { setImmediate } from "node:timers/promises";
import { memory } from "@zspine/backend-memory";
import { chaos, type BackendCall, type Fault } from "@zspine/conformance";
import { isZspineError, type Backend, type Placement } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type StoreEvents, type Trace } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";
import { retainedPlaces } from "../retained-places.ts";

const KIND = { key: z.int32(), value: z.int32() };
const BUDGET = 1_000_000;
const told = (): { looks: number; pressed: number } => ({ looks: 0, pressed: 0 });

/** Inserts keys `[from, to)` in scattered order, a batch of columns at a time. */
async function fill(store: Store, trace: Trace<number, number>, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 5000) {
    const key = Array.from({ length: Math.min(5000, to - at) }, (_, row) => scatter(at + row));
    trace.insertBatch({ key, value: key });
    await store.room();
  }
}

/** A permutation of the numbers below 2²⁰. */
const scatter = (key: number): number => (key * 650_001) & 0xfffff;

async function sumOf(trace: Trace<number, number>): Promise<{ rows: number; sum: number }> {
  let [rows, sum] = [0, 0];
  for await (const { key, weight } of trace.rows()) {
    rows += weight;
    sum += key;
  }
  return { rows, sum };
}

const expected = (count: number): { rows: number; sum: number } => ({
  rows: count,
  sum: Array.from({ length: count }, (_, key) => scatter(key)).reduce((sum, key) => sum + key, 0),
});

async function openPlaced(
  backend: Backend = memory(),
  bytes = BUDGET,
  changes: Partial<Placement> = {},
): Promise<{ store: Store; trace: Trace<number, number> }> {
  const placement = { ...pressing(bytes, told()), ...changes };
  const store = await openStore({ backend: placedBackend(backend, placement) });
  return { store, trace: await store.trace("t", KIND) };
}

function heard<Name extends keyof StoreEvents>(store: Store, name: Name): StoreEvents[Name][] {
  const events: StoreEvents[Name][] = [];
  store.on(name, (event) => events.push(event));
  return events;
}

describe("Mover", () => {
  it("MT3 R3 spills nothing while what is accounted is within the budget", async () => {
    const { store, trace } = await openPlaced(memory(), 100_000_000);
    await fill(store, trace, 0, 100_000);
    await store.commit();
    await store.finishMerges();
    expect(store.stats()).toMatchObject({ spills: 0, spillBytesWritten: 0, mergeBytesWritten: 0 });
    expect(store.stats().placement).toMatchObject({ level: "normal", warmBytes: 0, coldBytes: 0 });
    await store.close();
  });

  it("R3 R5 R10 MT2 keeps rows within a tenth of what they take, and reads them in order", async () => {
    const { store, trace } = await openPlaced();
    const spills = heard(store, "spill");
    const pressure = heard(store, "pressure");
    await fill(store, trace, 0, 400_000);
    await store.room();
    const { placement, memory: held, spills: count } = store.stats();
    expect(held.total).toBeLessThan(BUDGET * 1.5);
    expect(placement!.coldBytes).toBeGreaterThan(5 * BUDGET);
    expect(await sumOf(trace)).toEqual(expected(400_000));
    expect(await trace.get(scatter(77))).toEqual([{ value: scatter(77), weight: 1 }]);
    expect(spills.reduce((slots, event) => slots + event.slots, 0)).toBe(count);
    expect(pressure.map(({ level }) => level)).toContain("critical");
    await store.close();
  });

  it("R12 rows that are only written are written about once, whatever merges they owe", async () => {
    const medium = memory();
    let bytes = 0;
    const write: Backend["write"] = (ops, options) => {
      for (const op of ops) if (op.type === "put") bytes += op.bytes.length;
      return medium.write(ops, options);
    };
    const { store, trace } = await openPlaced({ ...medium, write }, 2_500_000);
    await fill(store, trace, 0, 400_000);
    const { placement, spills } = store.stats();
    expect(placement!.coldBytes).toBeGreaterThan(5_000_000);
    expect(spills).toBeGreaterThan(0);
    // Spilled slot by slot, and with filters, 2.3 to 3.1 MB.
    expect(bytes).toBeLessThan(1_300_000);
    expect(await sumOf(trace)).toEqual(expected(400_000));
    await store.close();
  });

  it("R14 a transaction of ten budgets spills, and the commit names what was spilled", async () => {
    const places = retainedPlaces();
    const backend = await places.opener("a").open();
    const { store, trace } = await openPlaced(backend);
    await fill(store, trace, 0, 400_000);
    expect(store.stats()).toMatchObject({ commits: 0 });
    await store.commit();
    await store.close();
    await using reopened = await openStore({ backend: places.opener("a") });
    expect(await sumOf(await reopened.trace("t", KIND))).toEqual(expected(400_000));
    expect((await reopened.verify()).problems).toEqual([]);
  });

  it("R17 rows that cancel out leave nothing in the medium", async () => {
    const backend = memory();
    const { store, trace } = await openPlaced(backend);
    await fill(store, trace, 0, 200_000);
    await store.commit();
    for (let key = 0; key < 200_000; key++) trace.insert(scatter(key), scatter(key), -1);
    await store.commit();
    await store.compact();
    for (let turns = 0; turns < 3; turns++) await store.commit({ metadata: { turns } });
    expect((await trace.count()).rows).toBe(0);
    expect(store.stats().storedBytes).toBe(0);
    const left: string[] = [];
    for await (const name of backend.list("")) left.push(name);
    expect(left).toEqual([]);
    await store.close();
  });

  it("R4 +1 that was spilled and −1 in memory cancel", async () => {
    const { store, trace } = await openPlaced();
    trace.insert(1, 1);
    expect(await store.spill()).toBeGreaterThan(0);
    expect(store.stats().placement).toMatchObject({ hotBytes: 0 });
    trace.insert(1, 1, -1);
    expect(await trace.get(1)).toEqual([]);
    trace.insert(2, 2);
    expect((await trace.count()).rows).toBe(1);
    await store.close();
  });

  it("R7 MT8 what is looked into stays, or comes back and can leave again", async () => {
    const { store, trace } = await openPlaced();
    await fill(store, trace, 0, 200_000);
    await store.commit();
    await store.finishMerges();
    const near = Array.from({ length: 50 }, (_, key) => key);
    for (let round = 0; round < 20; round++) {
      await trace.getMany(near);
      await store.room();
    }
    const before = store.stats().cache;
    await trace.getMany(near);
    expect(store.stats().cache.misses).toBe(before.misses);
    for (let round = 0; round < 3; round++) {
      expect(await store.spill()).toBeGreaterThan(0);
      expect(store.stats().placement).toMatchObject({ hotBytes: 0, warmBytes: 0 });
      expect(await trace.get(scatter(3))).toHaveLength(1);
    }
    await store.close();
  });

  it("R16 MT8 a store that is only read asks for room too, and takes what there is by now", async () => {
    let bytes = BUDGET / 10;
    const allow = () => ({ level: "normal" as const, bytes, restBytes: bytes });
    const enter: Placement["enter"] = () => ({ allow, worthOf: () => 1, leave: () => undefined });
    const { store, trace } = await openPlaced(memory(), BUDGET, { enter });
    await fill(store, trace, 0, 200_000);
    await store.commit();
    await store.finishMerges();
    await store.spill();
    const keys = Array.from({ length: 40 }, (_, at) => at * 5000);
    const missesOfAll = async (): Promise<number> => {
      const { misses } = store.stats().cache;
      for (const key of keys) await trace.get(scatter(key));
      return store.stats().cache.misses - misses;
    };
    // Nothing that was inserted has it look any more.
    for (let round = 0; round < 3; round++) {
      expect(await missesOfAll()).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    bytes = 100 * BUDGET;
    // So many that slots in which keys are not have been asked for their filters too.
    for (let round = 0; round < 20; round++) {
      await missesOfAll();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await missesOfAll()).toBe(0);
    await store.close();
  });

  it("R15 MT9 insert() never fails for memory; room() and commit() wait until there is room", async () => {
    const held: (() => void)[] = [];
    let isHeld = true;
    const inner = memory();
    const backend: Backend = Object.assign(Object.create(inner) as Backend, {
      write: async (...args: Parameters<Backend["write"]>) => {
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
        return inner.write(...args);
      },
    });
    const { store, trace } = await openPlaced(backend);
    for (let key = 0; key < 200_000; key++) trace.insert(scatter(key), scatter(key));
    const settled: string[] = [];
    const waiting = [
      store.room().then(() => settled.push("room")),
      store.commit().then(() => settled.push("commit")),
    ];
    while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(settled).toEqual([]);
    trace.insert(1, 1);
    isHeld = false;
    for (const open of held) open();
    await Promise.all(waiting);
    expect(settled.toSorted()).toEqual(["commit", "room"]);
    expect(store.stats().memory.total).toBeLessThan(BUDGET * 1.5);
    await store.close();
  });

  it("R15 room() of a signal that fires is aborted, and resolves at once where nothing can leave memory", async () => {
    const { store, trace } = await openPlaced(memory(), 0, { enter: () => STUCK });
    trace.insert(1, 1);
    await store.room();
    await expect(store.room({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ZSPINE_ABORTED",
    });
    await expect(store.spill({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ZSPINE_ABORTED",
    });
    expect((await store.commit()) > 0).toBe(true);
    await store.close();
  });

  it("R15 a backend that fails while spilling is told of once, rows stay readable, and it goes on when the cause is gone", async () => {
    let isFull = true;
    const plan = (call: BackendCall): Fault | undefined =>
      isFull && call.method === "write" ? { type: "full" } : undefined;
    const { store, trace } = await openPlaced(chaos(memory(), { plan }));
    const failures = heard(store, "spillFailure");
    for (let key = 0; key < 200_000; key++) trace.insert(scatter(key), scatter(key));
    await expect(store.room()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    for (let tries = 0; tries < 3; tries++) await store.room().catch(() => undefined);
    await store.commit();
    expect(failures).toHaveLength(1);
    expect(isZspineError(failures[0]!.error, "ZSPINE_IO")).toBe(true);
    expect(await sumOf(trace)).toEqual(expected(200_000));
    isFull = false;
    while (store.stats().memory.total > BUDGET * 1.5) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await sumOf(trace)).toEqual(expected(200_000));
    await store.close();
  });

  it("R15 after a failure while a look was pending, what comes later is spilled by itself too", async () => {
    let isFull = true;
    const plan = (call: BackendCall): Fault | undefined =>
      isFull && call.method === "write" ? { type: "full" } : undefined;
    const backend = placedBackend(chaos(memory(), { plan }), pressing(BUDGET, told()));
    // Merges would write some of it.
    const store = await openStore({ backend, strategy: { name: "never", choose: () => undefined } });
    const trace = await store.trace("t", KIND);
    const settles = async (): Promise<void> => {
      while (store.stats().memory.total > BUDGET * 1.5)
        await new Promise((resolve) => setTimeout(resolve, 10));
    };
    for (let key = 0; key < 100_000; key++) trace.insert(scatter(key), scatter(key));
    // The inserts have a look pending, which this one is before.
    await expect(store.room()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    isFull = false;
    await settles();
    for (let key = 100_000; key < 200_000; key++) trace.insert(scatter(key), scatter(key));
    await settles();
    expect(await sumOf(trace)).toEqual(expected(200_000));
    await store.close();
  });

  it("R15 room() and commit() count nothing while nothing has come", async () => {
    const counts = told();
    const store = await openStore({ backend: placedBackend(memory(), pressing(BUDGET, counts)) });
    const trace = await store.trace("t", KIND);
    trace.insert(1, 1);
    await store.room();
    const { looks } = counts;
    for (let call = 0; call < 200; call++) {
      await store.room();
      await store.commit({ metadata: { call } });
    }
    expect(counts.looks).toBe(looks);
    await store.close();
  });

  it("R8 R13 spill() frees all that can leave, merges that are due meanwhile notwithstanding", async () => {
    // Merges write, and so go on between two turns only.
    const allow = () => ({ level: "normal" as const, bytes: 100 * BUDGET, restBytes: 0 });
    const enter: Placement["enter"] = () => ({ allow, worthOf: () => 1, leave: () => undefined });
    const { store, trace } = await openPlaced(memory(), BUDGET, { enter });
    for (let key = 0; key < 300_000; key++) trace.insert(scatter(key), scatter(key));
    expect(trace.stats().mergesInProgress).toBeGreaterThan(0);
    await store.spill();
    expect(store.stats().memory.total).toBeLessThan(BUDGET / 4);
    expect(await sumOf(trace)).toEqual(expected(300_000));
    await store.close();
  });

  it("R8 where it is never to go down by itself, merges write nothing either", async () => {
    const allow = () => ({ level: "normal" as const, bytes: BUDGET, restBytes: Infinity });
    const enter: Placement["enter"] = () => ({ allow, worthOf: () => 1, leave: () => undefined });
    const { store, trace } = await openPlaced(memory(), BUDGET, { enter });
    await fill(store, trace, 0, 300_000);
    await store.finishMerges();
    expect(store.stats()).toMatchObject({ spills: 0, storedBytes: 0, mergeBytesWritten: 0 });
    await store.close();
  });

  it("a store in doubt moves nothing any more, and does not try again", async () => {
    const { store, trace } = await openPlaced();
    const failures = heard(store, "spillFailure");
    for (let key = 0; key < 50_000; key++) trace.insert(scatter(key), scatter(key));
    const state = tierOf(store).traces()[0]!;
    state.gate.fail(new Error("something inside"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([tierOf(store).spiller!.spills, failures.length]).toEqual([0, 0]);
    await store.close();
  });

  it("R15 MT10 more than maxSpillBytes is one error of the wait, and the store goes on", async () => {
    const backend = await retainedPlaces().opener("a").open();
    const { store, trace } = await openPlaced(backend, BUDGET, { maxSpillBytes: 100_000 });
    for (let key = 0; key < 200_000; key++) trace.insert(scatter(key), scatter(key));
    await expect(store.room()).rejects.toMatchObject({ code: "ZSPINE_SPILL_LIMIT" });
    expect(await trace.get(scatter(9))).toHaveLength(1);
    await store.commit();
    await store.finishMerges();
    await store.room();
    expect(store.stats().memory.total).toBeLessThan(BUDGET * 1.5);
    expect(await sumOf(trace)).toEqual(expected(200_000));
    await store.close();
  });

  it("MT13 one key of very many values is read within a small budget", async () => {
    const { store, trace } = await openPlaced();
    for (let at = 0; at < 300_000; at += 10_000) {
      trace.insertBatch({
        key: Array.from({ length: 10_000 }, () => 7),
        value: Array.from({ length: 10_000 }, (_, row) => at + row),
      });
      await store.room();
    }
    let rows = 0;
    for await (const chunk of trace.chunks({ gte: 7, lte: 7 })) {
      rows += chunk.length;
      expect(store.stats().memory.total).toBeLessThan(5 * BUDGET);
    }
    expect(rows).toBe(300_000);
    await store.close();
  });

  it("R16 MT7 what commits and merges worked in is given back to others once the store is at rest", async () => {
    for (let rows = 20_000; rows <= 120_000; rows += 10_000) {
      const inner = pressing(BUDGET, told());
      let accounted = 0;
      const enter: Placement["enter"] = (onChange) => {
        const seat = inner.enter(onChange);
        const allow: typeof seat.allow = (occupancy) => {
          accounted = occupancy.accountedBytes;
          return seat.allow(occupancy);
        };
        return { ...seat, allow };
      };
      const backend = await retainedPlaces().opener("a").open();
      const { store, trace } = await openPlaced(backend, BUDGET, { enter });
      await fill(store, trace, 0, rows);
      await store.commit();
      await store.finishMerges();
      const excess = (): number => accounted - store.stats().memory.total;
      // Nobody asks for it.
      for (let turns = 0; turns < 10_000 && excess() >= BUDGET / 16; turns++) await setImmediate();
      expect(excess(), `${rows} rows`).toBeLessThan(BUDGET / 16);
      await store.close();
    }
  });

  it("spill() is refused over a backend without a placement, and for what is no number of bytes", async () => {
    await using plain = await openStore();
    await expect(plain.spill()).rejects.toMatchObject({ code: "ZSPINE_NOT_SUPPORTED" });
    await plain.room();
    const { store } = await openPlaced();
    await expect(store.spill({ bytes: -1 })).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
    await store.close();
  });
});

/** Finds memory critical, whatever leaves it, and lets nothing leave. */
const STUCK: ReturnType<Placement["enter"]> = {
  allow: () => ({ level: "critical", bytes: 0, restBytes: 0 }),
  worthOf: () => Infinity,
  leave: () => undefined,
};
