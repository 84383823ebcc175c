import { refused, type Environment, type Schema, type Serializer } from "@zspine/core";
import { ToldState } from "../trace/told-state.ts";
import type { TraceKind } from "../trace/trace-kind.ts";
import { TraceSeam } from "../trace/trace-seam.ts";
import type { TraceState } from "../trace/trace-state.ts";
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
  return table.getOrCreate(name, options, {
    kind,
    newTold: (found) => new ToldState<unknown>(kind.read(found)),
    open: (state, ofStore) => kind.open(new TraceSeam(state as TraceState<K, V>, ofStore)),
  }) as Handle;
}

/**
 * Gives what a store encodes the opaque parts of its rows by, for Z-sets that are to be inserted.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no store.
 */
export function serializerOf(store: Store): Serializer | undefined {
  return tierOfGiven(store).serializer;
}

/** Gives what a store asks for time and turns. @throws `ZSPINE_INVALID_OPTIONS` for what is no store. */
export function environmentOf(store: Store): Environment {
  return tierOfGiven(store).environment;
}

/**
 * Checks that a trace of whatever kind is one of a store, so that a commit of the store takes its rows.
 *
 * @param what Names the trace in messages.
 * @throws `ZSPINE_INVALID_OPTIONS` for a trace that is another store's, or has been dropped; for what is no store.
 */
export function checkTraceOf(store: Store, trace: unknown, what: string): void {
  if (tierOfGiven(store).table.isHandle(trace)) return;
  throw refused(
    [what],
    "an open trace of the store",
    trace,
    "open it in the store that is passed, and await that",
  );
}

function tierOfGiven(store: Store): StoreTier {
  const tier = typeof store === "object" && store !== null ? tierOf(store) : undefined;
  if (tier === undefined) throw refused(["store"], "a store, as openStore() gives it", store);
  return tier;
}
