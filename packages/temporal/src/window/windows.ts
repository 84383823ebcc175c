import { refused } from "@zspine/core";
import type { Delivery } from "../subscription/delivery.ts";
import type { Window, WindowKind } from "./window.ts";
import { checkKind, WindowOperator } from "./window-operator.ts";

/**
 * Parts what a subscription delivers into windows over the times of changes, each given once it is over:
 *
 * ```ts
 * for await (const { start, end, rows } of windows(prices.subscribe({ net: false }), tumbling({ size: 60 }))) {
 *   console.log(start, end, [...rows]); // what has changed in [start, end), added up
 * }
 * ```
 *
 * Windows with nothing in them are not given, and at the end of all times those that are left. Keeps what has changed in
 * windows that are not over. To go on after a restart, hold {@link Window.resumeFrom} and subscribe `from` there: windows
 * that began before are not given, for they would lack changes. History that is folded counts as of since.
 *
 * @param deliveries Of `subscribe({ net: false })`, for each change is needed with its time.
 * @throws `ZSPINE_INVALID_OPTIONS`, for deliveries without times too; (rejects with) what the subscription does.
 */
export function windows<K, V>(
  deliveries: AsyncIterable<Pick<Delivery<K, V>, "after" | "until" | "times">>,
  kind: WindowKind,
): AsyncGenerator<Window<K, V>, void, undefined> {
  checkKind(kind);
  if (
    typeof (deliveries as Partial<typeof deliveries> | null | undefined)?.[Symbol.asyncIterator] !==
    "function"
  )
    throw refused(["deliveries"], "what subscribe() gives", deliveries, SUBSCRIBE);
  return part(deliveries, kind);
}

async function* part<K, V>(
  deliveries: AsyncIterable<Pick<Delivery<K, V>, "after" | "until" | "times">>,
  kind: WindowKind,
): AsyncGenerator<Window<K, V>, void, undefined> {
  let operator: WindowOperator<K, V> | undefined;
  for await (const { after, until, times } of deliveries) {
    if (times === undefined)
      throw refused(["deliveries", "times"], "the changes of each time", times, SUBSCRIBE);
    operator ??= new WindowOperator(kind, { from: after === -Infinity ? undefined : after });
    yield* operator.push(times, until);
  }
}

const SUBSCRIBE = "write windows(trace.subscribe({ net: false }), …)";
