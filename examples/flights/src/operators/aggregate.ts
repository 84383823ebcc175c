import { aggregate, keysOf, subtract, type Aggregator, type IndexedZSet, type SchemaOf } from "@zspine/core";
import type { Snapshot } from "@zspine/store";
import type { Change } from "./change.ts";

/**
 * Aggregates the values of each key of a changing trace. Most aggregates are not linear: no delta tells what
 * the largest value is when the largest so far has gone. So of each key that the delta touches, the whole
 * group is read as it is now, and its new result comes out with +1. The old result, with −1, need not be
 * computed again: it is in what has come out so far.
 *
 * @param soFar What the delta which is returned will be added to; `undefined` where nothing has come out yet.
 */
export function aggregateChange<K, V, R>(
  input: Change<K, V>,
  soFar: Pick<Snapshot<K, R>, "semijoin"> | undefined,
  schema: SchemaOf<R>,
  aggregator: Aggregator<V, NoInfer<R>>,
): IndexedZSet<K, R> {
  const touched = keysOf(input.delta);
  const after = aggregate(input.after.semijoin(touched), schema, aggregator);
  return soFar === undefined ? after : subtract(after, soFar.semijoin(touched));
}
