import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { forward } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createBudget, hybrid, type Budget } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { findDifference, scatter, valueOf } from "./kept-rows.ts";
import { openStore, type Store, type Trace } from "./stores.ts";

const MIB = 2 ** 20;
const BUDGET = 4 * MIB;
const ROWS = 70_000;

/** What two merges of each store work in, of four batches, blocks of 256 KiB: one that comes of each, and two that go. */
const WORK = 2 * 2 * (4 + 2) * 256 * 1024;

/** Two stores under one budget, counted at each call of their media: most is in hand then. */
class TwoStores {
  readonly clock = { now: 0 };
  readonly budget: Budget = createBudget({ bytes: BUDGET, policy: "fixed", now: () => this.clock.now });
  readonly stores: Store[] = [];
  readonly traces: Trace<number, string>[] = [];
  peak = 0;

  note(): number {
    const held = this.stores.reduce((sum, store) => sum + store.stats().memory.total, 0);
    this.peak = Math.max(this.peak, held);
    return held;
  }

  async open(location: string): Promise<void> {
    const cold = file({ location: join(scratchFolder, location) });
    const noted = <T>(work: () => Promise<T>): Promise<T> => {
      this.note();
      return work();
    };
    const opener: BackendOpener = {
      ...cold,
      open: async (how) => {
        const backend = await cold.open(how);
        return {
          ...forward(backend),
          get: (...args) => noted(() => backend.get(...args)),
          write: (...args) => noted(() => backend.write(...args)),
          createHead: (...args) => noted(() => backend.createHead(...args)),
        };
      },
      drop: () => cold.drop(),
    };
    const store = await openStore({ backend: hybrid({ cold: opener, budget: this.budget }) });
    this.stores.push(store);
    this.traces.push(await store.trace("t", { key: z.int32(), value: z.string() }));
  }

  async fill(at: number): Promise<void> {
    const [store, trace] = [this.stores[at]!, this.traces[at]!];
    for (let row = 0; row < ROWS; row++) {
      const key = scatter(row, ROWS);
      trace.insert(key, valueOf(key));
      if (row % 500 !== 499) continue;
      this.note();
      await store.room();
    }
    await store.commit();
  }

  /** Looks keys up all over the rows of a store, for 80 seconds of its clock. */
  async use(at: number): Promise<void> {
    for (let round = 0; round < 40; round++) {
      this.clock.now += 2000;
      for (let from = round * 100; from < (round + 1) * 100; from += 10) {
        // All blocks of one call are in hand at a time.
        await this.traces[at]!.getMany(keysFrom(from));
        // As the loop of a program does between two of its turns.
        await new Promise((resolve) => setImmediate(resolve));
        this.note();
      }
    }
  }
}

/** Ten keys that lie far apart. */
const keysFrom = (from: number): number[] => Array.from({ length: 10 }, (_, at) => scatter(from + at, ROWS));

describe("two stores of a budget", () => {
  it("R16 MT7 MT14 have what there is go to the one in use, and never hold more together than it and what two merges of each work in", async () => {
    const two = new TwoStores();
    await two.open("a");
    await two.open("b");
    await two.fill(0);
    await two.fill(1);
    for (const used of [0, 1, 0]) {
      await two.use(used);
      const held = two.stores.map((store) => store.stats().memory.total);
      expect(held[used]).toBeGreaterThan(2 * held[1 - used]!);
      expect(held[used]).toBeGreaterThan(BUDGET / 3);
    }
    for (const trace of two.traces) expect(await findDifference(trace, ROWS)).toBeUndefined();
    await Promise.all(two.stores.map((store) => store.compact()));
    expect(two.peak).toBeGreaterThan(BUDGET / 2);
    expect(two.peak).toBeLessThan(BUDGET + WORK);
    for (const store of two.stores) await store.close();
    expect(two.budget.stats()).toMatchObject({ accountedBytes: 0, seats: [] });
  });
});
