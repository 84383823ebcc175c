import type { Capabilities } from "@zspine/core";
import type { BackendFixture } from "./backend-fixture.ts";

/** What a case asks of a backend beyond the contract of all. */
export type Need = "durable" | "exclusive" | "guests" | "shared" | "syncReads";

/** A case of the backend suite before it is given a backend. */
export interface BackendCase {
  readonly name: string;
  readonly needs?: readonly Need[];
  /** Whether its name is to tell the seed. */
  readonly isSeeded?: boolean;
  readonly run: (fixture: BackendFixture) => Promise<void>;
}

const REASONS: Readonly<Record<Need, string>> = {
  durable: "the backend does not declare durable",
  exclusive: "the backend is not both durable and held by one process at a time",
  guests: "the backend does not declare guests",
  shared: "the backend does not declare shared",
  syncReads: "the backend does not declare syncReads",
};

/** Tells why a case does not apply to a backend of these capabilities; `undefined` when it does. */
export function reasonToSkip(needs: readonly Need[], capabilities: Capabilities): string | undefined {
  const has: Readonly<Record<Need, boolean>> = {
    durable: capabilities.durable,
    exclusive: capabilities.durable && !capabilities.shared,
    guests: capabilities.guests === true,
    shared: capabilities.shared,
    syncReads: capabilities.syncReads,
  };
  const missing = needs.find((need) => !has[need]);
  return missing && REASONS[missing];
}
