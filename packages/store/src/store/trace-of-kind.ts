import { refused, type Schema } from "@zspine/core";
import type { TraceKind } from "../trace/trace-kind.ts";
import type { TraceOptions } from "./trace-options.ts";
import type { Store } from "./store.ts";
import { tierOf } from "./store-tier.ts";

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
  const tier = typeof store === "object" && store !== null ? tierOf(store) : undefined;
  if (tier === undefined) throw refused(["store"], "a store, as openStore() gives it", store);
  // Asked first, for it throws when the store is closed, and for what is no name.
  store.has(name);
  return tier.table.getOrCreate(name, options, kind) as Handle;
}
