import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { createBudget } from "@zspine/backend-hybrid";
import type { Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { createStorageManager, type StorageManager, type StorageManagerOptions } from "../src/index.ts";
import { rowsOf } from "./content.ts";
import { scratchFolder } from "./scratch-folder.ts";

const MIB = 2 ** 20;
const ROWS = 60_000;

let folders = 0;

function managerOf(options: StorageManagerOptions): Promise<StorageManager> {
  const location = join(scratchFolder, `budget-${folders++}`);
  return createStorageManager({ location, backends: [file], ...options });
}

/** Commits rows of about a hundred bytes each, and looks all of them up. */
async function grow(store: Store, rows = ROWS): Promise<void> {
  const trace = await rowsOf(store);
  for (let key = 0; key < rows; key++) {
    trace.insert(key, `row ${key} ${"of some length ".repeat(4)}${(key * 7919) % 10007}`);
    if (key % 5000 === 0) await store.room();
  }
  await store.commit();
  await look(store, rows);
}

async function look(store: Store, rows = ROWS): Promise<void> {
  const trace = await rowsOf(store);
  const keys = Array.from({ length: rows / 10 }, (_, at) => at * 10);
  expect((await trace.getMany(keys)).flat()).toHaveLength(keys.length);
}

async function heldBytes(manager: StorageManager, name: string): Promise<number> {
  const { hotBytes, warmBytes } = await manager.stateSize(name);
  return hotBytes + warmBytes;
}

describe("R8 R9 R16 stores of a manager under one budget", () => {
  it("give memory to the one in use", async () => {
    const clock = { now: 0 };
    const budget = createBudget({ bytes: 8 * MIB, policy: "fixed", now: () => clock.now });
    await using manager = await managerOf({ budget });
    for (const [used, idle] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      const store = await manager.get(used).catch(() => manager.create(used, { mode: "hybrid" }));
      await grow(store);
      for (let round = 0; round < 5; round++) {
        clock.now += 10_000;
        await look(store);
      }
      const held = await heldBytes(manager, used);
      const known = (await manager.list()).some(({ name }) => name === idle);
      const others = known ? await heldBytes(manager, idle) : 0;
      expect(held).toBeGreaterThan(2 * MIB);
      expect(held).toBeGreaterThan(2 * others);
      expect(budget.stats().accountedBytes).toBeLessThan(9 * MIB);
    }
  });

  it("give way to one in memory, which counts with all that it has, and stays", async () => {
    await using manager = await managerOf({ budget: { bytes: 8 * MIB, policy: "fixed" } });
    await grow(await manager.create("hybrid", { mode: "hybrid" }));
    const before = await heldBytes(manager, "hybrid");
    const store = await manager.create("memory", { mode: "memory" });
    await grow(store);
    await look(await manager.get("hybrid"));

    const { memoryBytes, coldBytes, storedBytes } = await manager.stateSize("memory");
    expect(coldBytes).toBe(0);
    expect(memoryBytes).toBeGreaterThan(storedBytes);
    expect(memoryBytes).toBeGreaterThan(store.stats().memory.total);
    expect(before).toBeGreaterThan(2 * (await heldBytes(manager, "hybrid")));
    expect(manager.budget.stats().accountedBytes).toBeGreaterThan(memoryBytes);
  });

  it("spill by forceSpill(name) alone where the policy is manual, that store and no other", async () => {
    await using manager = await managerOf({ budget: { bytes: 2 * MIB, policy: "manual" } });
    const held = new Map<string, number>();
    for (const name of ["a", "b"]) {
      const trace = await rowsOf(await manager.create(name, { mode: "hybrid" }));
      for (let key = 0; key < ROWS; key++) trace.insert(key, `row ${key} of some length`);
      held.set(name, await heldBytes(manager, name));
      expect(held.get(name)).toBeGreaterThan(2 * MIB);
    }
    const freed = await manager.forceSpill("a");

    expect(freed).toBeGreaterThan(MIB);
    expect(await heldBytes(manager, "a")).toBeLessThan(held.get("a")! / 10);
    expect((await manager.stateSize("a")).coldBytes).toBeGreaterThan(MIB);
    expect(await heldBytes(manager, "b")).toBe(held.get("b"));
    expect(await (await rowsOf(await manager.get("a"))).get(7)).toEqual([
      { value: "row 7 of some length", weight: 1 },
    ]);
  });
});

describe("R13 maintain()", () => {
  it("does a bounded amount, of the open stores in turn, and comes to an end", async () => {
    await using manager = await managerOf({
      budget: { bytes: 64 * MIB, policy: "fixed" },
      store: { sliceMs: 0.1 },
    });
    const merges: string[] = [];
    for (const name of ["a", "b"]) {
      const store = await manager.create(name, { mode: "hybrid" });
      store.on("merge", () => merges.push(name));
      const trace = await rowsOf(store);
      for (let key = 0; key < 200_000; key++) trace.insert((key * 7919) % 200_003, `row ${key}`);
    }
    const first = await manager.maintain({ slices: 1 });
    expect(first.isDone).toBe(false);
    let calls = 1;
    while (!(await manager.maintain({ slices: 1 })).isDone) calls++;
    expect(calls).toBeGreaterThan(2);
    expect(new Set(merges)).toEqual(new Set(["a", "b"]));
    for (const name of ["a", "b"]) {
      const { traces } = (await manager.get(name)).stats();
      expect(traces["rows"]!.mergesInProgress).toBe(0);
    }
    expect(await manager.maintain()).toEqual({
      isDone: true,
      mergesInProgress: 0,
      unusedPlaces: 0,
      failures: [],
    });
  });
});
