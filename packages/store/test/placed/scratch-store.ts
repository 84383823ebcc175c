import { existsSync, readdirSync } from "node:fs";
import { file } from "@zspine/backend-file";
import { createBudget, hybrid } from "@zspine/backend-hybrid";
import type { BackendOpener } from "@zspine/core";
import { z } from "zod";
import { openStore, type Store, type Trace } from "../../src/index.ts";

/** A store of integers whose memory has a budget. */
export interface BudgetedStore {
  readonly store: Store;
  readonly trace: Trace<number, number>;
}

/** A budget of the least size over files, which are kept or not. */
export function budgetedFiles(location: string, keeps: boolean): BackendOpener {
  const budget = createBudget({ bytes: 2 * 2 ** 20, policy: "fixed" });
  return hybrid({ cold: file({ location, keeps }), budget }) as BackendOpener;
}

/** Opens a store over it. */
export async function openBudgeted(backend: BackendOpener): Promise<BudgetedStore> {
  const store = await openStore({ backend });
  return { store, trace: await store.trace("t", { key: z.int32(), value: z.int32() }) };
}

/** Inserts keys `[from, to)` in scattered order, and commits them. */
export async function fill({ store, trace }: BudgetedStore, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 5000) {
    const key = Array.from({ length: Math.min(5000, to - at) }, (_, row) => scatter(at + row));
    trace.insertBatch({ key, value: key });
    await store.room();
  }
  await store.commit();
}

/** A permutation of the numbers below 2²⁰. */
export const scatter = (key: number): number => (key * 650_001) & 0xfffff;

/** How many files are below a directory. */
export function filesIn(path: string): number {
  if (!existsSync(path)) return 0;
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}
