import type { Antichain, IndexType, MultiSet, Version } from "@electric-sql/d2ts";
import { refused } from "@zspine/core";
import { multiplyWeights } from "@zspine/core/engine";
import type { D2ts } from "../peer/d2ts.ts";
import { checkFrontier, compareTimes, invalidFrontier, invalidVersion, timesOf } from "../time/times.ts";
import { KeySet } from "../value/key-set.ts";
import { ValueSums } from "../value/value-sums.ts";
import type { IndexRow, IndexState } from "./index-state.ts";
import { checkIndex } from "./other-index.ts";

/** A row of a stream, at its version. */
export interface IndexChange<K, V> {
  readonly key: K;
  readonly value: V;
  readonly version: Version;
  readonly weight: number;
}

/**
 * An index of d2ts over a trace: what its operators keep of a stream, by key and version. It is in the store, so it goes with
 * its commits, and lies in memory, on a disk or both, as that does.
 *
 * Rows are told apart by all of their content, and come back added up: one that was taken back is not there. Values come in
 * the order of the schema where no more than one version has them. What was read is new and the caller's.
 *
 * Every method reads at once, as `trace.now` does: `ZSPINE_NOT_RESIDENT` over a backend that has to be waited for, and
 * `ZSPINE_CLOSED` after the store. Keys, values and multiplicities are checked as `trace.insert` does.
 */
export class TraceIndex<K, V> implements IndexType<K, V> {
  private readonly state: IndexState<K, V>;

  /** Use `openIndex()`. */
  constructor(state: IndexState<K, V>) {
    this.state = state;
  }

  /** By which the store knows it: its trace of what is before the frontier has this name. */
  get name(): string {
    return this.state.place.name;
  }

  /** The module of d2ts that it was opened with. */
  get d2ts(): D2ts {
    return this.state.place.d2ts;
  }

  /** What was compacted to last; `undefined` before. A graph goes on from here: `new D2({ initialFrontier })`. */
  get frontier(): Antichain | undefined {
    return this.state.frontier;
  }

  /**
   * Adds up the values that a key has as of a version: all changes at versions up to it. Costs the rows of the key.
   *
   * @throws `ZSPINE_TIME_PASSED` for a version before the frontier; `ZSPINE_INVALID_OPTIONS` for what is none;
   *   `ZSPINE_NOT_SUPPORTED` for values of an unknown class at several versions.
   */
  reconstructAt(key: K, version: Version): [V, number][] {
    const times = this.timesWithin(version, this.state.frontier);
    const { folded } = this.state.place;
    const upTo = this.state.recentOf(key).filter((row) => row.times.every((time, at) => time <= times[at]!));
    const before = folded.now.get(key);
    if (upTo.length === 0) return before.map(({ value, weight }) => [value, weight]);
    const sums = new ValueSums<V>();
    for (const { value, weight } of before) sums.add(value, weight);
    for (const { value, weight } of upTo) sums.add(value, weight);
    return sums.rows();
  }

  /** Gives the versions at which a key has changed, each once; what is before the frontier counts as at it. */
  versions(key: K): Version[] {
    return [...this.get(key).keys()];
  }

  /** Gives the changes of a key by version. */
  get(key: K): Map<Version, [V, number][]> {
    const byVersion = new Map<Version, ValueSums<V>>();
    const versionOf = this.state.versions();
    const rows = this.state.rowsOf(key).sort((a, b) => compareTimes(a.times, b.times));
    for (const row of rows) {
      const version = versionOf(row);
      let sums = byVersion.get(version);
      if (sums === undefined) byVersion.set(version, (sums = new ValueSums()));
      sums.add(row.value, row.weight);
    }
    const changes = new Map<Version, [V, number][]>();
    for (const [version, sums] of byVersion) {
      const found = sums.rows();
      if (found.length > 0) changes.set(version, found);
    }
    return changes;
  }

  /** Gives all keys with their changes by version. Takes memory for all of them. */
  entries(): [K, Map<Version, [V, number][]>][] {
    return this.keys().map((key) => [key, this.get(key)]);
  }

  /**
   * Adds to the multiplicity of a value at a version.
   *
   * @throws `ZSPINE_TIME_PASSED` for a version before the frontier; `ZSPINE_WEIGHT_RANGE`; `ZSPINE_INVALID_OPTIONS`. Nothing
   *   is added when it throws.
   */
  addValue(key: K, version: Version, value: [V, number]): void {
    this.state.insert(key, [this.rowOf(version, value, this.state.frontier)]);
  }

  /** Adds rows, each at its version; none when one is refused. Errors as {@link TraceIndex.addValue}. */
  addAll(changes: Iterable<IndexChange<K, V>>): void {
    const { frontier } = this.state;
    const rows: { readonly key: K; readonly row: IndexRow<V> }[] = [];
    for (const { key, value, version, weight } of changes)
      rows.push({ key, row: { value, weight, times: this.timesWithin(version, frontier) } });
    this.state.insertAll(rows);
  }

  /** Adds all rows of another index, each at its version; none when one is refused. Errors as {@link TraceIndex.addValue}. */
  append(other: IndexType<K, V>): void {
    const rows: { readonly key: K; readonly row: IndexRow<V> }[] = [];
    const readable = checkIndex("append", other);
    const { frontier } = this.state;
    for (const key of readable.keys()) {
      for (const [version, values] of readable.get(key))
        for (const value of values) rows.push({ key, row: this.rowOf(version, value, frontier) });
    }
    this.state.insertAll(rows);
  }

  /**
   * Pairs the values that a key has in both indexes, at the least version in advance of both, their multiplicities
   * multiplied. Costs the rows of the keys of the smaller index in both. A pair may come several times, not added up.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for what is no index; `ZSPINE_WEIGHT_RANGE` for a product.
   */
  join<V2>(other: IndexType<K, V2>): [Version, MultiSet<[K, [V, V2]]>][] {
    const readable = checkIndex<K, V2>("join", other);
    const results = new Map<Version, [[K, [V, V2]], number][]>();
    // Another index over a trace tells no number of its keys without reading them.
    const keys = other instanceof TraceIndex && other.size > this.size ? this.keys() : readable.keys();
    for (const key of keys) {
      const there = readable.has(key) ? readable.get(key) : undefined;
      if (there === undefined) continue;
      for (const [version, values] of this.get(key))
        for (const [otherVersion, others] of there)
          pairRows(key, values, others, rowsAt(results, version.join(otherVersion)));
    }
    const { MultiSet: Rows } = this.state.place.d2ts;
    return [...results].map(([version, rows]) => [version, new Rows(rows)]);
  }

  /**
   * Folds history before a frontier: from now on it counts as at the frontier, and what comes to nothing is gone. The rows of
   * `keys`, or without any of all keys that have changed since the last time, are written over. Costs the rows of these that
   * are not folded yet.
   *
   * @throws `ZSPINE_TIME_REGRESSED` for a frontier that is not in advance of the last one; `ZSPINE_INVALID_OPTIONS`.
   */
  compact(compactionFrontier: Antichain, keys: K[] = []): void {
    const { state } = this;
    const frontier = checkFrontier(compactionFrontier, state.place.dimensions);
    if (!Array.isArray(keys)) throw refused(["keys"], "an array of keys", keys);
    const before = state.frontier;
    if (before !== undefined && !before.lessEqual(frontier)) throw invalidFrontier(frontier, before);
    state.frontier = frontier;
    state.fold(keys.length > 0 ? keys : [...state.modified]);
  }

  /** Gives the keys, those before the frontier in the order of the schema. Reads all of them. */
  keys(): K[] {
    const { folded, recent } = this.state.place;
    const keys = new KeySet<K>();
    for (const { key } of folded.now.rows()) keys.add(key);
    for (const { key } of recent.now.rows()) keys.add(key);
    return [...keys];
  }

  /** Tells whether a key has any row. */
  has(key: K): boolean {
    const { folded, recent } = this.state.place;
    return folded.now.has(key) || recent.now.has(key);
  }

  /** No fewer than the rows there are; free. */
  get size(): number {
    const { folded, recent } = this.state.place;
    return folded.size + recent.size;
  }

  /**
   * Has a key have other values as of a version, and gives what changes by that: what an operator does that makes the values
   * of a key anew. What comes stands before what goes. Costs the rows of the key.
   *
   * @throws as {@link TraceIndex.reconstructAt} and {@link TraceIndex.addValue}; nothing is changed then.
   */
  replace(key: K, version: Version, values: Iterable<[V, number]>): [V, number][] {
    const times = this.timesWithin(version, this.state.frontier);
    // Those that are given may be written otherwise than those that were read, and yet be the same to the schema: what has
    // changed is read back.
    const sums = new ValueSums<V>();
    for (const [value, weight] of values) sums.add(value, weight);
    for (const [value, weight] of this.reconstructAt(key, version)) sums.add(value, -weight);
    const rows = sums.rows();
    if (rows.length === 0) return [];
    const changed = new ValueSums<V>();
    const isOfVersion = (row: IndexRow<V>): boolean => compareTimes(row.times, times) === 0;
    for (const row of this.state.recentOf(key).filter(isOfVersion)) changed.add(row.value, -row.weight);
    this.state.insert(
      key,
      rows.map(([value, weight]) => ({ value, weight, times })),
    );
    for (const row of this.state.recentOf(key).filter(isOfVersion)) changed.add(row.value, row.weight);
    const changes = changed.rows();
    return [...changes.filter(([, weight]) => weight > 0), ...changes.filter(([, weight]) => weight < 0)];
  }

  /**
   * Gives the versions of a key that are not folded in every dimension, each once: all that can be in advance of one that is
   * written now, or beside it. Costs the rows of these.
   */
  openVersions(key: K): Iterable<Version> {
    const versionOf = this.state.versions();
    return new Set(this.state.recentOf(key).map(versionOf));
  }

  /**
   * Gives the keys that have rows at versions that the frontier has not passed, with these: what an operator has still to
   * work off that was committed before it did. Costs these rows.
   */
  pending(): [K, Version][] {
    const { d2ts, recent } = this.state.place;
    const { frontier } = this.state;
    const pending: [K, Version][] = [];
    for (const { key, value } of recent.now.rows()) {
      const version = d2ts.v(value.slice(1) as number[]);
      if (frontier === undefined || frontier.lessEqualVersion(version)) pending.push([key, version]);
    }
    return pending;
  }

  toString(indent = false): string {
    const rows = this.entries().map(([key, changes]) => [key, [...changes]]);
    return `TraceIndex(${JSON.stringify(rows, undefined, indent ? "  " : undefined)})`;
  }

  private rowOf(version: Version, row: [V, number], frontier: Antichain | undefined): IndexRow<V> {
    if (!Array.isArray(row) || row.length !== 2) throw refused(["value"], "[value, multiplicity]", row);
    return { value: row[0], weight: row[1], times: this.timesWithin(version, frontier) };
  }

  /** The times of a version that the frontier has not passed. */
  private timesWithin(version: Version, frontier: Antichain | undefined): readonly number[] {
    const times = timesOf(version, this.state.place.dimensions, "version");
    if (frontier !== undefined && !frontier.lessEqualVersion(version))
      throw invalidVersion(String(version), frontier);
    return times;
  }
}

function rowsAt<R>(results: Map<Version, R[]>, version: Version): R[] {
  let rows = results.get(version);
  if (rows === undefined) results.set(version, (rows = []));
  return rows;
}

function pairRows<K, V, V2>(
  key: K,
  values: readonly [V, number][],
  others: readonly [V2, number][],
  rows: [[K, [V, V2]], number][],
): void {
  for (const [value, weight] of values)
    for (const [other, otherWeight] of others)
      rows.push([[key, [value, other]], multiplyWeights(weight, otherWeight)]);
}
