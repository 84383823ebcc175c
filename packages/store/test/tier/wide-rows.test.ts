import { createBudget } from "@zspine/backend-hybrid";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../../src/index.ts";
import { placedBackend } from "../placed/pressing.ts";

const MIB = 2 ** 20;
const BUDGET = 16 * MIB;
const ROWS = 120_000;

/** A permutation of the numbers below 2²⁰. */
const scatter = (key: number): number => (key * 650_001) & 0xfffff;
const text = (key: number): string => `${key} `.padEnd(200, "-");

interface Measured {
  readonly store: Store;
  readonly trace: Trace<number, string>;
  /** The most that has been accounted for since it was last asked. */
  peak(): number;
  note(): void;
}

/** Opens a store of wide rows under a budget, which counts at each call of its medium: most is in hand then. */
async function openMeasured(): Promise<Measured> {
  let most = 0;
  const opened: Store[] = [];
  const note = (): void => {
    for (const one of opened) most = Math.max(most, one.stats().memory.total);
  };
  const noted = async <T>(work: () => Promise<T>): Promise<T> => {
    note();
    await new Promise((resolve) => setImmediate(resolve));
    note();
    return work();
  };
  const inner = memory({ preferredValueBytes: 4 * MIB });
  const { getSync: _, ...forwarded } = forward(inner);
  const backend: Backend = {
    ...forwarded,
    get: (...args) => noted(() => inner.get(...args)),
    write: (...args) => noted(() => inner.write(...args)),
    createHead: (...args) => noted(() => inner.createHead(...args)),
  };
  const placement = createBudget({ bytes: BUDGET, policy: "fixed" });
  const store = await openStore({ backend: placedBackend(backend, placement) });
  opened.push(store);
  const trace = await store.trace("t", { key: z.int32(), value: z.string() });
  const peak = (): number => {
    const found = most;
    most = 0;
    return found;
  };
  return { store, trace, peak, note };
}

describe("rows of 200 bytes under a budget", () => {
  it("R3 R15 take, filled, merged, scanned and compacted, no more than it and 12 blocks, for slots, values, blocks and chunks are parts of it", async () => {
    const { store, trace, peak, note } = await openMeasured();
    for (let row = 0; row < ROWS; row++) {
      trace.insert(scatter(row), text(row));
      if (row % 500 !== 499) continue;
      note();
      await store.room();
    }
    await store.commit();
    const peaks = { filling: peak(), merging: 0, scanning: 0, compacting: 0 };
    await store.finishMerges();
    peaks.merging = peak();
    let rows = 0;
    let chunkBytes = 0;
    for await (const chunk of trace.chunks()) {
      rows += chunk.length;
      chunkBytes = Math.max(chunkBytes, chunk.length * 200);
      note();
    }
    peaks.scanning = peak();
    await store.compact();
    peaks.compacting = peak();
    expect(rows).toBe(ROWS);
    expect(store.stats().placement!.coldBytes).toBeGreaterThan(BUDGET / 4);
    expect(chunkBytes).toBeLessThan(MIB);
    for (const [what, bytes] of Object.entries(peaks))
      expect(bytes, what).toBeLessThan(BUDGET + 12 * (MIB / 4));
    await store.close();
  });
});
