import type { StoreFixture, StoreSuiteOptions } from "./store-fixture.ts";

/** What a case asks of the backend beneath a store beyond the contract of all. */
export type StoreNeed = "syncSnapshots" | "resident" | "unmoved" | "durable" | "exclusive" | "places";

/** What decides whether a case applies. */
export type StoreSuiteScope = Pick<StoreSuiteOptions, "capabilities" | "places" | "speed" | "spills">;

/** A case of the store suite before it is given a store. */
export interface StoreCase {
  readonly name: string;
  readonly needs?: readonly StoreNeed[];
  /** Whether its name is to tell the seed. */
  readonly isSeeded?: boolean;
  /** Whether it asks its medium more than {@link QUICK_CALLS_MAX} times to write, open or close. */
  readonly isSlow?: boolean;
  readonly run: (fixture: StoreFixture) => Promise<void>;
}

/** Makes a case, in the form of a test, so that the tools find the features that its name tells. */
export function test(
  name: string,
  run: StoreCase["run"],
  options: Pick<StoreCase, "isSeeded" | "isSlow" | "needs"> = {},
): StoreCase {
  return { name, run, ...options };
}

const REASONS: Readonly<Record<StoreNeed, string>> = {
  syncSnapshots: "snapshots read synchronously, and the backend is durable but does not declare syncReads",
  resident: "rows that are committed stay in memory, and the backend is durable, or the stores spill",
  unmoved: "it counts what is in memory, read and written, and the stores spill",
  durable: "the backend is not durable",
  exclusive: "the backend is shared between processes, or not durable",
  places: "the suite is not given the option `places`, or the backend is not durable",
};

/** How often a quick case writes to its medium, opens or closes it at most. */
export const QUICK_CALLS_MAX = 120;

const TOO_SLOW = `it writes, opens and closes more than ${QUICK_CALLS_MAX} times, and \`speed\` is "quick"`;

/** Tells why a case does not apply to what the suite is given; `undefined` when it does. */
export function reasonToSkipStoreCase(
  { needs = [], isSlow = false }: Pick<StoreCase, "isSlow" | "needs">,
  { capabilities, places, speed = "all", spills = false }: StoreSuiteScope,
): string | undefined {
  const has: Readonly<Record<StoreNeed, boolean>> = {
    // What is not durable stays resident, so that every read of it can be synchronous.
    syncSnapshots: capabilities.syncReads || !capabilities.durable,
    resident: !capabilities.durable && !spills,
    unmoved: !spills,
    durable: capabilities.durable,
    exclusive: capabilities.durable && !capabilities.shared,
    places: capabilities.durable && places !== undefined,
  };
  const missing = needs.find((need) => !has[need]);
  if (missing !== undefined) return REASONS[missing];
  return isSlow && speed === "quick" ? TOO_SLOW : undefined;
}
