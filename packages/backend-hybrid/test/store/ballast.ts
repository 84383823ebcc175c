import { createBudget, type Budget } from "../../src/index.ts";

/** Makes a budget of the least size, of which something else holds all but `leftBytes` that can be given out. */
export function budgetLeaving(leftBytes: number): Budget {
  const budget = createBudget({ bytes: 2 * 2 ** 20, policy: "fixed" });
  const accountedBytes = budget.bytes - budget.reserveBytes - leftBytes;
  const seat = budget.enter(() => undefined);
  seat.allow({ accountedBytes, unwrittenBytes: 0, cachedBytes: 0, spilledBytes: 0, use: 0 });
  return budget;
}
