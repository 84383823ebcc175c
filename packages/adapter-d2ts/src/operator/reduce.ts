import type { Antichain, IOperator, IStreamBuilder, KeyValue, Version } from "@electric-sql/d2ts";
import { checkOptions, refused } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { TraceIndex } from "../index/trace-index.ts";
import { compareTimes } from "../time/times.ts";
import { KeySet } from "../value/key-set.ts";
import { addOperator, advance, checkTraceIndex, outputOf, send, type Output } from "./connect.ts";
import { Input } from "./input.ts";

/** Where a reduction keeps what it is of, and what came of it. */
export interface ReduceIndexes<K, V, R> {
  readonly input: TraceIndex<K, V>;
  readonly output: TraceIndex<K, R>;
}

/**
 * Makes values of all the values of a key, as `reduce(f)` of d2ts does, and keeps both in indexes of a store. What was
 * committed of versions that were not complete is worked off when they are.
 *
 * `reducer` is given each value once with its multiplicity, which is never 0: what was taken back is not there. It is not
 * called for a key without values, and nothing comes of that.
 *
 * ```ts
 * scores.pipe(reduce((values) => [[Math.max(...values.map(([score]) => score)), 1]], { input, output }));
 * ```
 *
 * Reads of each index the rows of keys that change.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` where an index is none, both are one, or the reducer is no function.
 */
export function reduce<K, V, R>(
  reducer: (values: [V, number][]) => Iterable<[R, number]>,
  indexes: ReduceIndexes<K, V, R>,
): (stream: IStreamBuilder<KeyValue<K, V>>) => IStreamBuilder<KeyValue<K, R>> {
  if (typeof reducer !== "function") throw refused(["reduce"], "a function of the values of a key", reducer);
  const { input, output: kept } = checkOptions(indexes, "reduce", { input: ANY, output: ANY });
  checkTraceIndex("reduce", "input", input);
  checkTraceIndex("reduce", "output", kept);
  if ((input as unknown) === kept)
    throw refused(["reduce", "output"], "another index than the input", kept, "each needs its own");
  return (stream) => {
    const output = outputOf<KeyValue<K, R>>(stream);
    const source = new Input<K, V>(stream.connectReader(), stream.graph.frontier());
    addOperator(stream, (id) => new ReduceOperator(id, { source, input, kept, output, reducer }));
    return output.stream;
  };
}

interface Parts<K, V, R> {
  readonly source: Input<K, V>;
  readonly input: TraceIndex<K, V>;
  readonly kept: TraceIndex<K, R>;
  readonly output: Output<KeyValue<K, R>>;
  readonly reducer: (values: [V, number][]) => Iterable<[R, number]>;
}

class ReduceOperator<K, V, R> implements IOperator<unknown> {
  readonly id: number;
  private readonly parts: Parts<K, V, R>;
  /** Which keys have to be made anew, by the versions at which. */
  private readonly due = new Map<Version, KeySet<K>>();

  constructor(id: number, parts: Parts<K, V, R>) {
    this.id = id;
    this.parts = parts;
    for (const [key, version] of parts.input.pending()) this.expect(key, version);
  }

  run(): void {
    const { source, input, output } = this.parts;
    const changes = source.drain();
    input.addAll(changes);
    const changed = new Map<Version, KeySet<K>>();
    for (const { key, version } of changes) {
      const keys = changed.get(version);
      if (keys === undefined) changed.set(version, new KeySet([key]));
      else keys.add(key);
    }
    for (const [version, keys] of changed) for (const key of keys) this.expect(key, version);
    send(output, this.complete(), input.d2ts);
    advance(output, source.frontier, [input, this.parts.kept]);
  }

  hasPendingWork(): boolean {
    return !this.parts.source.isEmpty;
  }

  frontiers(): [Antichain[], Antichain] {
    const { source, output } = this.parts;
    return [[source.frontier], output.frontier];
  }

  /** Notes a key of a version, and of those at which it meets other changes of the key. */
  private expect(key: K, version: Version): void {
    this.expectAt(key, version);
    for (const other of this.parts.input.openVersions(key)) this.expectAt(key, version.join(other));
  }

  private expectAt(key: K, version: Version): void {
    let keys = this.due.get(version);
    if (keys === undefined) this.due.set(version, (keys = new KeySet()));
    keys.add(key);
  }

  /** Works off the versions that are complete, each after those that are less. */
  private *complete(): Generator<readonly [Version, [KeyValue<K, R>, number][]]> {
    const { source, input, kept, reducer } = this.parts;
    const versions = [...this.due.keys()].filter((version) => !source.frontier.lessEqualVersion(version));
    for (const version of versions.sort((a, b) => compareTimes(a.getInner(), b.getInner()))) {
      const results: [KeyValue<K, R>, number][] = [];
      for (const key of this.due.get(version)!) {
        const values = input.reconstructAt(key, version);
        const made = values.length === 0 ? [] : reducer(values);
        for (const [value, weight] of kept.replace(key, version, made)) results.push([[key, value], weight]);
      }
      this.due.delete(version);
      yield [version, results];
    }
  }
}
