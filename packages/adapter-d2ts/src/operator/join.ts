import type { Antichain, IOperator, IStreamBuilder, KeyValue, Version } from "@electric-sql/d2ts";
import { checkOptions, refused } from "@zspine/core";
import { ANY, multiplyWeights } from "@zspine/core/engine";
import type { IndexChange, TraceIndex } from "../index/trace-index.ts";
import type { D2ts } from "../peer/d2ts.ts";
import { isPrimitive } from "../value/value-text.ts";
import { addOperator, advance, checkTraceIndex, outputOf, send, type Output } from "./connect.ts";
import { Input } from "./input.ts";

/** Where a join keeps its streams. */
export interface JoinIndexes<K, V1, V2> {
  /** Of the stream that it is piped into. */
  readonly left: TraceIndex<K, V1>;
  /** Of the other. */
  readonly right: TraceIndex<K, V2>;
}

/**
 * Joins two streams by key, as `join(other)` of d2ts does, and keeps both in indexes of a store. One that is there already,
 * from a run before, is joined with: so a graph goes on where the last commit left it.
 *
 * ```ts
 * orders.pipe(join(customers, { left: ordersByCustomer, right: customersByName }));
 * ```
 *
 * Reads of each index the rows of keys that the other stream changes.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` where an index is none, or both are one.
 */
export function join<K, V1, V2>(
  other: IStreamBuilder<KeyValue<K, V2>>,
  indexes: JoinIndexes<K, V1, V2>,
): (stream: IStreamBuilder<KeyValue<K, V1>>) => IStreamBuilder<KeyValue<K, [V1, V2]>> {
  const { left, right } = checkOptions(indexes, "join", { left: ANY, right: ANY });
  checkTraceIndex("join", "left", left);
  checkTraceIndex("join", "right", right);
  if ((left as unknown) === right)
    throw refused(["join", "right"], "another index than the left one", right, "each stream needs its own");
  return (stream) => {
    if (stream.graph !== other?.graph)
      throw refused(["join"], "a stream of the same graph", other, "make both by newInput() of one D2");
    const output = outputOf<KeyValue<K, [V1, V2]>>(stream);
    const frontier = stream.graph.frontier();
    const a = new Input<K, V1>(stream.connectReader(), frontier);
    const b = new Input<K, V2>(other.connectReader(), frontier);
    addOperator(stream, (id) => new JoinOperator(id, { a, b, left, right, output }));
    return output.stream;
  };
}

interface Parts<K, V1, V2> extends JoinIndexes<K, V1, V2> {
  readonly a: Input<K, V1>;
  readonly b: Input<K, V2>;
  readonly output: Output<KeyValue<K, [V1, V2]>>;
}

type Rows<T> = Map<Version, [T, number][]>;

class JoinOperator<K, V1, V2> implements IOperator<unknown> {
  readonly id: number;
  private readonly parts: Parts<K, V1, V2>;
  private readonly d2ts: D2ts;

  constructor(id: number, parts: Parts<K, V1, V2>) {
    this.id = id;
    this.parts = parts;
    this.d2ts = parts.left.d2ts;
  }

  run(): void {
    const { a, b, left, right, output } = this.parts;
    const results: Rows<KeyValue<K, [V1, V2]>> = new Map();
    // What has come on the left meets what was on the right, and then what has come on the right all that is on the left.
    const fromA = a.drain();
    pair(fromA, right, results, (key, mine, theirs) => [key, [mine, theirs]]);
    left.addAll(fromA);
    const fromB = b.drain();
    pair(fromB, left, results, (key, mine, theirs) => [key, [theirs, mine]]);
    right.addAll(fromB);
    send(output, results, this.d2ts);
    advance(output, a.frontier.meet(b.frontier), [left, right]);
  }

  hasPendingWork(): boolean {
    return !this.parts.a.isEmpty || !this.parts.b.isEmpty;
  }

  frontiers(): [Antichain[], Antichain] {
    const { a, b, output } = this.parts;
    return [[a.frontier, b.frontier], output.frontier];
  }
}

function pair<K, V, W, T>(
  changes: readonly IndexChange<K, V>[],
  index: TraceIndex<K, W>,
  results: Rows<T>,
  combine: (key: K, value: V, other: W) => T,
): void {
  const found = new Map<K, ReadonlyMap<Version, [W, number][]>>();
  for (const { key, value, version, weight } of changes) {
    let others = found.get(key);
    if (others === undefined) {
      others = index.get(key);
      if (isPrimitive(key)) found.set(key, others);
    }
    for (const [at, rows] of others) {
      const when = version.join(at);
      let into = results.get(when);
      if (into === undefined) results.set(when, (into = []));
      for (const [other, otherWeight] of rows)
        into.push([combine(key, value, other), multiplyWeights(weight, otherWeight)]);
    }
  }
}
