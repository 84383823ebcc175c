import { z } from "zod";
import { systemEnvironment, type Environment } from "@zspine/core";
import { openStore, type Store, type StoreOptions } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "../src/index.ts";
import type { LatePolicy, LateRows } from "../src/index.ts";

export const schema = { key: z.string(), value: z.int() };

/** How a trace of the tests is opened. */
interface Opening extends StoreOptions {
  readonly late?: LatePolicy;
  readonly onLate?: (rows: LateRows<string, number>) => void;
}

/** Opens a store with one temporal trace, "prices". */
export async function openPrices({ late, onLate, ...options }: Opening = {}): Promise<{
  store: Store;
  prices: TemporalTrace<string, number>;
}> {
  const store = await openStore(options);
  return { store, prices: await temporalTrace(store, "prices", { ...schema, late, onLate, create: true }) };
}

/** Opens one in which 0, 1, …, `times` − 1 are complete; at each, one key gets the time as its price. */
export async function filled(
  times: number,
  options: Opening = {},
): Promise<{ store: Store; prices: TemporalTrace<string, number> }> {
  const opened = await openPrices(options);
  for (let time = 0; time < times; time++) await setPrice(opened, time);
  return opened;
}

/** Sets the price of "apple" to a time, at that time, and completes it, in a commit. */
export async function setPrice(
  { store, prices }: { store: Store; prices: TemporalTrace<string, number> },
  time: number,
): Promise<void> {
  if (time > 0) prices.insert(time, "apple", time - 1, -1);
  prices.insert(time, "apple", time);
  prices.advance(time + 1);
  await store.commit();
}

/** An environment whose clock stands until it is set. */
export function stoppedClock(): { environment: Environment; pass(ms: number): void } {
  let now = 1000;
  return {
    environment: { ...systemEnvironment(), now: () => now },
    pass: (ms) => {
      now += ms;
    },
  };
}
