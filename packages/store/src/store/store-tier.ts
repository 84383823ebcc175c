import type { Environment, Serializer } from "@zspine/core";
import type { Ledger } from "../tier/ledger.ts";
import type { Spiller } from "../tier/spiller.ts";
import type { TraceState } from "../trace/trace-state.ts";
import type { TraceTable } from "./trace-table.ts";

/** What moves the slots of a store, and what there is to be moved; and where kinds of traces find it. */
export interface StoreTier {
  /** Missing where rows never leave memory. */
  readonly spiller: Spiller | undefined;
  /** Accounts what the store keeps in memory. */
  readonly ledger: Ledger;
  readonly table: TraceTable;
  /** What opaque parts of rows are encoded by. */
  readonly serializer: Serializer | undefined;
  readonly environment: Environment;
  /** The open traces. */
  readonly traces: () => readonly TraceState<unknown, unknown>[];
}

const TIER = Symbol("zspine.tier");

/** Tells what moves the slots of a store: for what decides about its memory, and no part of what a user sees. */
export function tierOf(store: object): StoreTier {
  return (store as { readonly [TIER]: StoreTier })[TIER];
}

/** Puts a tier where {@link tierOf} finds it. */
export function placeTier(store: object, tier: StoreTier): void {
  Object.defineProperty(store, TIER, { value: tier });
}
