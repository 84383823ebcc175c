import type { StoreFixture, StoreSuiteOptions } from "./store-fixture.ts";

/** What a case asks of the backend beneath a store beyond the contract of all. */
export type StoreNeed = "syncSnapshots" | "resident" | "durable" | "exclusive" | "places";

/** What decides whether a case applies. */
export type StoreSuiteScope = Pick<StoreSuiteOptions, "capabilities" | "places">;

/** A case of the store suite before it is given a store. */
export interface StoreCase {
  readonly name: string;
  readonly needs?: readonly StoreNeed[];
  /** Whether its name is to tell the seed. */
  readonly isSeeded?: boolean;
  readonly run: (fixture: StoreFixture) => Promise<void>;
}

/** Makes a case, in the form of a test, so that the tools find the features that its name tells. */
export function test(
  name: string,
  run: StoreCase["run"],
  options: Pick<StoreCase, "isSeeded" | "needs"> = {},
): StoreCase {
  return { name, run, ...options };
}

const REASONS: Readonly<Record<StoreNeed, string>> = {
  syncSnapshots: "snapshots read synchronously, and the backend is durable but does not declare syncReads",
  resident: "rows that are committed stay in memory, and the backend is durable",
  durable: "the backend is not durable",
  exclusive: "the backend is shared between processes, or not durable",
  places: "the suite is not given the option `places`, or the backend is not durable",
};

/** Tells why a case does not apply to what the suite is given; `undefined` when it does. */
export function reasonToSkipStoreCase(
  needs: readonly StoreNeed[],
  { capabilities, places }: StoreSuiteScope,
): string | undefined {
  const has: Readonly<Record<StoreNeed, boolean>> = {
    // What is not durable stays resident, so that every read of it can be synchronous.
    syncSnapshots: capabilities.syncReads || !capabilities.durable,
    resident: !capabilities.durable,
    durable: capabilities.durable,
    exclusive: capabilities.durable && !capabilities.shared,
    places: capabilities.durable && places !== undefined,
  };
  const missing = needs.find((need) => !has[need]);
  return missing && REASONS[missing];
}
