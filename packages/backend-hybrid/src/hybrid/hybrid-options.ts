import type { Backend, BackendOpener, PluginConfig } from "@zspine/core";
import type { BudgetOptions } from "../budget/budget-options.ts";
import type { Budget } from "../budget/budget.ts";

/** What a hybrid backend is made of. */
export interface HybridOptions {
  /**
   * Where rows lie that are not in memory, and those of commits: a backend over a location, `file({ location })`; one
   * that is open; or, in the configuration of a registry, the name of either.
   */
  readonly cold: Backend | BackendOpener | PluginConfig;
  /** A budget that it shares with others. Without it, it has one of its own, made of the options below. */
  readonly budget?: Budget | undefined;
  /** As `bytes` of {@link BudgetOptions}; by default `"auto"`. */
  readonly budgetBytes?: BudgetOptions["bytes"] | undefined;
  /** As `policy` of {@link BudgetOptions}. */
  readonly policy?: BudgetOptions["policy"];
  /** As `maxSpillBytes` of {@link BudgetOptions}. */
  readonly maxSpillBytes?: BudgetOptions["maxSpillBytes"];
  /** As `monitor` of {@link BudgetOptions}. */
  readonly monitor?: BudgetOptions["monitor"];
}
