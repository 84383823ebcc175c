import { refused, type Infer, type Schema } from "@zspine/core";
import type { Store } from "@zspine/store";
import { openTraceOfKind } from "@zspine/store/trace-kind";
import { TemporalKind } from "./temporal-kind.ts";
import { checkTemporal, type TemporalOptions } from "../options/temporal-options.ts";
import type { TemporalTrace } from "./temporal-trace.ts";

const stores = new WeakMap<object, Store>();

/** The store that a temporal trace was opened in; `undefined` for what is none. */
export function storeOf(trace: object): Store | undefined {
  return stores.get(trace);
}

/**
 * Opens a trace whose rows have times, the same handle each time. Where there is none of the name it is created, as
 * `store.trace()` creates one.
 *
 * ```ts
 * const prices = await temporalTrace(store, "prices", { key: z.string(), value: z.number() });
 * prices.insert(1, "apple", 10);
 * prices.advance(2);
 * await store.commit();
 * using then = await prices.asOf(1);
 * await then.get("apple");
 * ```
 *
 * @throws (rejects with) as `store.trace()`; `ZSPINE_SCHEMA` for a trace that is not temporal.
 */
export async function temporalTrace<K extends Schema, V extends Schema>(
  store: Store,
  name: string,
  given: TemporalOptions<K, V, Infer<K>, Infer<V>>,
): Promise<TemporalTrace<Infer<K>, Infer<V>>> {
  const { late, onLate, ...options } = checkTemporal(given);
  const kind = new TemporalKind<Infer<K>, Infer<V>>(late ?? "reject", onLate);
  const trace = openTraceOfKind(store, name, options, kind);
  stores.set(trace, store);
  if (late === undefined || late === trace.late) return trace;
  const advice = "leave it out, or open it so first";
  throw refused(
    ["temporalTrace", "late"],
    `${JSON.stringify(trace.late)}, as the trace is open`,
    late,
    advice,
  );
}
