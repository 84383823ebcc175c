import { refused, type Schema, type Serializer } from "@zspine/core";
import type { TraceKind } from "../trace/trace-kind.ts";
import type { TraceOptions } from "./trace-options.ts";
import type { Store } from "./store.ts";
import { tierOf, type StoreTier } from "./store-tier.ts";

/**
 * Opens a trace of a kind, as `store.trace()` opens one of the store's own: the same handle each time, created where
 * there is none and it may be.
 *
 * @throws as `store.trace()`; `ZSPINE_SCHEMA` for a trace of another kind; as `kind.read`.
 */
export function openTraceOfKind<K, V, S, Handle>(
  store: Store,
  name: string,
  options: TraceOptions<Schema, Schema>,
  kind: TraceKind<K, V, S, Handle>,
): Handle {
  const { table } = tierOfGiven(store);
  // Asked first, for it throws when the store is closed, and for what is no name.
  store.has(name);
  return table.getOrCreate(name, options, kind) as Handle;
}

/**
 * Gives what a store encodes the opaque parts of its rows by, for Z-sets that are to be inserted.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no store.
 */
export function serializerOf(store: Store): Serializer | undefined {
  return tierOfGiven(store).serializer;
}

function tierOfGiven(store: Store): StoreTier {
  const tier = typeof store === "object" && store !== null ? tierOf(store) : undefined;
  if (tier === undefined) throw refused(["store"], "a store, as openStore() gives it", store);
  return tier;
}
