import type { Antichain, IOperator, IStreamBuilder, MultiSet, Version } from "@electric-sql/d2ts";
import { refused } from "@zspine/core";
import { TraceIndex } from "../index/trace-index.ts";
import type { D2ts } from "../peer/d2ts.ts";

/** Where an operator sends its rows. */
export interface Output<T> {
  /** The stream of what is sent. */
  readonly stream: IStreamBuilder<T>;
  /** How far it has come. */
  frontier: Antichain;
}

/** Makes the stream that an operator of a graph writes. */
export function outputOf<T>(source: IStreamBuilder<unknown>): Output<T> {
  return { stream: source.graph.newInput<T>(), frontier: source.graph.frontier() };
}

/** Sends rows, by their versions. */
export function send<T>(
  output: Output<T>,
  results: Iterable<readonly [Version, [T, number][]]>,
  d2ts: Pick<D2ts, "MultiSet">,
): void {
  for (const [version, rows] of results)
    if (rows.length > 0) output.stream.writer.sendData(version, new d2ts.MultiSet(rows) as MultiSet<T>);
}

/** Goes on to a frontier, and has the indexes fold what is before it. */
export function advance(
  output: Output<unknown>,
  frontier: Antichain,
  indexes: readonly Pick<TraceIndex<never, unknown>, "compact">[],
): void {
  if (!output.frontier.lessThan(frontier)) return;
  output.frontier = frontier;
  output.stream.writer.sendFrontier(frontier);
  for (const index of indexes) index.compact(frontier);
}

/** Puts an operator into the graph of a stream. */
export function addOperator(source: IStreamBuilder<unknown>, make: (id: number) => IOperator<unknown>): void {
  source.graph.addOperator(make(source.graph.getNextOperatorId()));
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no index of a store. */
export function checkTraceIndex(what: string, name: string, index: unknown): void {
  if (index instanceof TraceIndex) return;
  const advice = 'open one with await openIndex(store, "orders", { d2ts, key, value })';
  throw refused([what, name], "an index over a trace", index, advice);
}
