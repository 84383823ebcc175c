import type { BackendOpener, BackendPlugin, MemoryMonitor } from "@zspine/core";
import type { BudgetOptions } from "./budget/budget-options.ts";
import type { Budget } from "./budget/budget.ts";
import { budgetOf } from "./budget/shared-budget.ts";
import type { HybridOptions } from "./hybrid/hybrid-options.ts";
import { defineHybrid } from "./hybrid/hybrid.ts";
import { monitorOf, type MemoryMonitorOptions } from "./monitor/memory-monitor.ts";
import { browserRuntime } from "./sense/browser-runtime.ts";

export type { BudgetOptions, BudgetPolicy } from "./budget/budget-options.ts";
export type { Budget, BudgetStats, SeatStats } from "./budget/budget.ts";
export type { HybridOptions } from "./hybrid/hybrid-options.ts";
export type { MemoryMonitorOptions } from "./monitor/memory-monitor.ts";

/**
 * Makes a backend that keeps in memory as many rows as a budget allows, and the others in `cold`, any other backend:
 * that backend, with a budget that says to the store over it what may stay. Durable, read at once and shared when that
 * one is. Call it for an opener, or hand it to `createRegistry` as the plugin `hybrid`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path: no `cold`, or one in memory; less than 2 MiB; `budget` beside what
 *   would make one.
 */
export const hybrid: BackendPlugin<HybridOptions, BackendOpener> = defineHybrid(memoryMonitor);

/**
 * Makes a budget that stores share: `hybrid({ cold, budget })`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function createBudget(options: BudgetOptions): Budget {
  return budgetOf(memoryMonitor, options);
}

/**
 * Makes the sense of memory of a browser: the heap and its limit, where they are told, and the memory of the device. A page
 * is not told what it has in physical memory. It polls only while somebody listens.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function memoryMonitor(options?: MemoryMonitorOptions): MemoryMonitor {
  return monitorOf(browserRuntime, options);
}
