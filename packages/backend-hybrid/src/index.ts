import type { BackendOpener, BackendPlugin, MemoryMonitor } from "@zspine/core";
import type { BudgetOptions } from "./budget/budget-options.ts";
import type { Budget } from "./budget/budget.ts";
import { budgetOf } from "./budget/shared-budget.ts";
import type { HybridOptions } from "./hybrid/hybrid-options.ts";
import { defineHybrid } from "./hybrid/hybrid.ts";
import { monitorOf, type MemoryMonitorOptions } from "./monitor/memory-monitor.ts";
import { processRuntime } from "./sense/process-runtime.ts";

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
 * Makes the sense of memory of Node, Deno and Bun: what the process has in physical memory; the heap and its limit; and
 * use and limit of its container (cgroup, both versions), or else of the machine. What a runtime does not tell is
 * missing. It polls only while somebody listens, and never keeps a process alive.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path.
 */
export function memoryMonitor(options?: MemoryMonitorOptions): MemoryMonitor {
  return monitorOf(processRuntime, options);
}
