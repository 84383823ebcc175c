import { memory } from "@zspine/backend-memory";
import { forward, SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type MemoryStats, type Store } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { SLOT_BYTES } from "../../src/tier/tally.ts";
import { Mixer } from "../mixture/mixer.ts";
import { RandomProgram, type ProgramOptions } from "../random-program.ts";
import { retainedPlaces } from "../retained-places.ts";
import { reach, recount, type Reached } from "./reached.ts";

// The laws: the ledger says what is there, counted anew by walking all that is reached; and nothing of what was let go of.

const SEED = Number(process.env["ZSPINE_SEED"] ?? 1);
const SEEDS = 16;
const SCHEMAS = { key: z.int32(), value: z.string() };

/** Runs programs of all seeds, each over a place of its own, and counts anew after each step. */
async function runSeeds(optionsOf: (seed: number) => Omit<ProgramOptions, "steps">): Promise<MemoryStats> {
  const most = { ...NOTHING };
  for (let seed = SEED; seed < SEED + SEEDS; seed++) {
    const program: RandomProgram = new RandomProgram(seed, {
      ...optionsOf(seed),
      steps: 50,
      onStep: (store) => {
        const told = compare(program, store, seed);
        for (const kind of KINDS) most[kind] = Math.max(most[kind], told[kind]);
      },
      onClose: (store) => {
        expect(tierOf(store).ledger.count(), `seed ${seed}: what is left of a closed store`).toEqual(NOTHING);
        // Where the first row of text begins that a trace staged.
        expect(bytesOf(reach(program)), `seed ${seed}: what is kept by handles of it`).toBeLessThan(64);
      },
    });
    await program.run();
  }
  return most;
}

/** Compares what the ledger says with what is reached. */
function compare(program: object, store: Store, seed: number): MemoryStats {
  const told = tierOf(store).ledger.count();
  const reached = reach(program);
  const { storedSlots, reading, ...counted } = recount(reached);
  const { unwritten, cached, staged, scratch, pinned, fences, filters } = told;
  const where = `seed ${seed}`;
  expect({ filters, fences }, where).toEqual({ filters: counted.filters, fences: counted.fences });
  // Rows that a slot shares with what was sorted of staging, or a merge, are those of the first that tells of them.
  const ofSlots = counted.unwritten + counted.cached;
  expect(unwritten + cached, where).toBeLessThanOrEqual(ofSlots);
  expect(unwritten + cached + staged + scratch + pinned, where).toBeGreaterThanOrEqual(ofSlots);
  // What is being read is not there yet.
  const arrays = told.total - reading - storedSlots * SLOT_BYTES;
  expect(arrays, `${where}: all arrays`).toBe(bytesOf(reached));
  return told;
}

function bytesOf({ buffers }: Reached): number {
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const NOTHING: MemoryStats = {
  staged: 0,
  unwritten: 0,
  cached: 0,
  filters: 0,
  indexes: 0,
  fences: 0,
  scratch: 0,
  pinned: 0,
  inFlight: 0,
  total: 0,
};
const KINDS = Object.keys(NOTHING) as (keyof MemoryStats)[];

describe("L13 the ledger counts what is reached, each byte once", () => {
  it("of rows in memory", async () => {
    const most = await runSeeds((seed) => ({ groups: seed % 5 }));
    expect(Math.min(most.staged, most.unwritten, most.indexes)).toBeGreaterThan(0);
    expect([most.cached, most.fences, most.inFlight]).toEqual([0, 0, 0]);
  });

  it("of rows in memory that are spilled, dropped and loaded", async () => {
    const most = await runSeeds((seed) => ({ mixer: new Mixer(new SeededRandom(seed), 0.3) }));
    expect(Math.min(most.staged, most.unwritten, most.cached, most.fences, most.filters)).toBeGreaterThan(0);
  });

  it("of stored rows, moved or not", async () => {
    const most = await runSeeds((seed) => ({
      backend: retainedPlaces().opener("place"),
      ...(seed % 2 === 0 ? {} : { mixer: new Mixer(new SeededRandom(seed), 0.3) }),
    }));
    expect(Math.min(most.staged, most.cached, most.fences, most.filters, most.pinned)).toBeGreaterThan(0);
  });
});

describe("the ledger counts nothing of what was let go of", () => {
  const KEYS = Array.from({ length: 1000 }, (_, key) => key);
  const rows = (weight = 1) => KEYS.map((key) => ({ key, value: `value ${key}`, weight }));

  it("of snapshots that were closed; those that are open share what is there", async () => {
    await using store = await openStore({ stagingRows: 100 });
    const trace = await store.trace("t", SCHEMAS);
    for (const row of rows()) trace.insertAll([row]);
    await trace.count();
    await store.finishMerges();
    const before = store.stats().memory;
    const snapshots = [trace.snapshot(), trace.snapshot()];
    expect(store.stats().memory).toEqual(before);
    trace.insertAll(rows(-1));
    await store.compact();
    // What was merged since, and what the snapshots see of before.
    expect(store.stats().memory.unwritten).toBeGreaterThan(2.5 * before.unwritten);
    for (const snapshot of snapshots) snapshot.close();
    await store.compact();
    expect(store.stats().memory).toMatchObject({
      unwritten: 0,
      filters: 0,
      indexes: 0,
      scratch: 0,
      pinned: 0,
    });
  });

  it("of what was brought for a snapshot, once it is closed", async () => {
    const backend = retainedPlaces().opener("place");
    await using store = await openStore({ backend, cacheBytes: 0 });
    const trace = await store.trace("t", SCHEMAS);
    trace.insertAll(rows());
    await store.commit();
    const before = store.stats().memory;
    const snapshot = trace.snapshot();
    await snapshot.load(KEYS);
    expect(store.stats().memory.pinned).toBeGreaterThan(KEYS.length * 30);
    snapshot.close();
    expect(store.stats().memory).toEqual(before);
  });

  it("of rows that were discarded", async () => {
    await using store = await openStore();
    const trace = await store.trace("t", SCHEMAS);
    trace.insertAll(rows());
    await trace.count();
    expect(store.stats().memory.unwritten).toBeGreaterThan(0);
    store.discard();
    expect(store.stats().memory).toMatchObject({ unwritten: 0, filters: 0, indexes: 0 });
  });

  it("of a trace that was dropped, staged and cached rows included", async () => {
    await using store = await openStore({ backend: retainedPlaces().opener("place") });
    const trace = await store.trace("t", SCHEMAS);
    trace.insertAll(rows());
    await store.commit();
    await trace.get(1);
    trace.insertAll(rows());
    const { staged, cached, fences } = store.stats().memory;
    expect(Math.min(staged, cached, fences)).toBeGreaterThan(0);
    await store.drop("t");
    const { indexes, total } = store.stats().memory;
    // The kept heads.
    expect([total, indexes < 4096]).toEqual([indexes, true]);
  });
});

describe("the ledger counts bytes in flight", () => {
  /** A backend whose calls wait until they are let go on. */
  function halting(): { readonly backend: ReturnType<typeof forward>; go: () => void } {
    const inner = forward(memory());
    let waiting: (() => void)[] = [];
    const wait = async <T>(call: () => Promise<T>): Promise<T> => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return call();
    };
    const { getSync: _, ...rest } = inner;
    return {
      backend: {
        ...rest,
        capabilities: { ...inner.capabilities, durable: true, syncReads: false },
        get: (...args) => wait(() => inner.get(...args)),
        createHead: (...args) => wait(() => inner.createHead(...args)),
      },
      go: () => {
        const all = waiting;
        waiting = [];
        for (const one of all) one();
      },
    };
  }

  it("while a commit is written and a slot is read, and not when they are there", async () => {
    const { backend, go } = halting();
    const store = await openStore({ backend, cacheBytes: 0 });
    const trace = await store.trace("t", SCHEMAS);
    trace.insert(1, "a");
    const committing = store.commit();
    await settled();
    const { memory: told, commitBytesWritten } = store.stats();
    expect(told.inFlight).toBe(commitBytesWritten);
    expect(told.inFlight).toBeGreaterThan(100);
    go();
    await committing;
    expect(store.stats().memory.inFlight).toBe(0);

    const getting = trace.get(1);
    await settled();
    const { home } = tierOf(store).traces()[0]!.stages.entries[0]!.batch.slots[0]!;
    // So small a block is read without a look at its filter.
    expect(store.stats().memory.inFlight).toBe(home!.length);
    go();
    expect(await getting).toHaveLength(1);
    expect(store.stats().memory.inFlight).toBe(0);
    const closing = store.close();
    await settled();
    go();
    await closing;
  });
});

/** Lets go on whatever does not wait for a backend. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
