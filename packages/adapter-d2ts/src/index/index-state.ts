import type { Antichain, Version } from "@electric-sql/d2ts";
import type { IndexedZSetRowInput } from "@zspine/core";
import type { Trace } from "@zspine/store";
import type { D2ts } from "../peer/d2ts.ts";
import { advanceTimes, areFolded, compareTimes, foldTimes, leastTimes } from "../time/times.ts";
import { KeySet } from "../value/key-set.ts";
import { isPrimitive } from "../value/value-text.ts";

/** A value and the times of its version, in one tuple. */
export type Timed<V> = readonly [V, ...number[]];

/** A row of a key. */
export interface IndexRow<V> {
  readonly value: V;
  /** As it was written, or folded. */
  readonly times: readonly number[];
  readonly weight: number;
}

/** Where an index is. */
export interface IndexPlace<K, V> {
  readonly name: string;
  readonly dimensions: number;
  readonly d2ts: D2ts;
  /** The rows whose times are folded in every dimension: what the index says at its frontier, but for loops. */
  readonly folded: Trace<K, V>;
  /** All others. */
  readonly recent: Trace<K, Timed<V>>;
  /** The frontier of each index, as JSON. */
  readonly frontiers: Trace<string, string>;
}

/**
 * The rows of an index, in two traces: those before its frontier, without times, and those that are not folded. A row is
 * written as it comes, to the second, and moves to the first when the frontier has passed it. So what is behind adds up by
 * itself, the number of versions costs nothing, and who looks for what no frontier has passed yet reads the second trace
 * alone. The frontier is written with the rows: they are of one commit.
 *
 * Going on to a frontier is one row, and all it takes for answers to be those after it; moving rows is for their number.
 */
export class IndexState<K, V> {
  readonly place: IndexPlace<K, V>;
  /** Keys that may have rows which a frontier will move. */
  readonly modified: KeySet<K> = new KeySet();
  private known: { readonly text: string; readonly frontier: Antichain } | undefined;
  private readonly start: number[];

  constructor(place: IndexPlace<K, V>) {
    this.place = place;
    this.start = Array.from({ length: place.dimensions }, () => 0);
    for (const { key } of place.recent.now.rows()) this.modified.add(key);
  }

  /** What history is folded up to. Read from the trace each time, for a discard takes back what no commit covers. */
  get frontier(): Antichain | undefined {
    const { d2ts, frontiers, name } = this.place;
    const text = frontiers.now.get(name)[0]?.value;
    if (text === undefined) return undefined;
    if (this.known?.text !== text) {
      const elements = (JSON.parse(text) as number[][]).map((times) => d2ts.v(times));
      this.known = { text, frontier: new d2ts.Antichain(elements) };
    }
    return this.known.frontier;
  }

  set frontier(frontier: Antichain) {
    const { frontiers, name } = this.place;
    const text = JSON.stringify(frontier.elements.map((version) => version.getInner()));
    const before = frontiers.now.get(name)[0]?.value;
    if (before === text) return;
    const rows: IndexedZSetRowInput<string, string>[] = [{ key: name, value: text }];
    if (before !== undefined) rows.push({ key: name, value: before, weight: -1 });
    frontiers.insertAll(rows);
  }

  /** Adds rows; all or none. */
  insert(key: K, rows: readonly IndexRow<V>[]): void {
    this.insertAll(rows.map((row) => ({ key, row })));
  }

  /** Adds rows of many keys; all or none. */
  insertAll(rows: readonly { readonly key: K; readonly row: IndexRow<V> }[]): void {
    this.place.recent.insertAll(rows.map(({ key, row }) => timedRow(key, row)));
    for (const { key } of rows) this.modified.add(key);
  }

  /** The rows of a key that are not folded in every dimension. */
  recentOf(key: K): IndexRow<V>[] {
    return this.place.recent.now.get(key).map(untimed<V>);
  }

  /** All rows of a key. */
  rowsOf(key: K): IndexRow<V>[] {
    const rows: IndexRow<V>[] = this.place.folded.now
      .get(key)
      .map(({ value, weight }) => ({ value, weight, times: this.start }));
    for (const row of this.place.recent.now.get(key)) rows.push(untimed<V>(row));
    return rows;
  }

  /** Gives what tells the version at which a row counts. */
  versions(): (row: IndexRow<V>) => Version {
    const { v } = this.place.d2ts;
    const { frontier } = this;
    const least = frontier && leastTimes(frontier);
    return ({ times }) => v(least === undefined ? [...times] : advanceTimes(times, least));
  }

  /** Moves the rows of keys that the frontier has passed. */
  fold(keys: Iterable<K>): void {
    const { frontier } = this;
    const least = frontier && leastTimes(frontier);
    if (frontier === undefined || least === undefined) return;
    // Of many keys at once each row has to come once. Of those that are objects it cannot be told whether two are the same.
    const many = new Set<K>();
    for (const key of keys) {
      if (isPrimitive(key)) many.add(key);
      else this.foldKeys([key], frontier, least);
    }
    const list = [...many];
    for (let at = 0; at < list.length; at += KEYS_AT_ONCE)
      this.foldKeys(list.slice(at, at + KEYS_AT_ONCE), frontier, least);
  }

  private foldKeys(keys: readonly K[], frontier: Antichain, least: readonly number[]): void {
    const { d2ts, folded, recent } = this.place;
    const before: IndexedZSetRowInput<K, V>[] = [];
    const changes: IndexedZSetRowInput<K, Timed<V>>[] = [];
    const found = recent.now.getMany(keys);
    for (const [at, key] of keys.entries()) {
      let left = found[at]!.length;
      for (const { value: timed, weight } of found[at]!) {
        const row = untimed<V>({ value: timed, weight });
        if (frontier.lessEqualVersion(d2ts.v([...row.times]))) continue;
        const times = foldTimes(row.times, least);
        const isFolded = areFolded(times);
        if (isFolded) left--;
        else if (compareTimes(times, row.times) === 0) continue;
        changes.push(timedRow(key, { ...row, weight: -weight }));
        if (isFolded) before.push({ key, value: row.value, weight });
        else changes.push(timedRow(key, { ...row, times }));
      }
      if (left === 0) this.modified.delete(key);
    }
    if (changes.length === 0) return;
    // What may be refused is a sum in the trace without times; nothing has moved then.
    folded.insertAll(before);
    recent.insertAll(changes);
  }
}

/** Rows of so many keys are read and moved together. */
const KEYS_AT_ONCE = 4096;

function timedRow<K, V>(key: K, { value, times, weight }: IndexRow<V>): IndexedZSetRowInput<K, Timed<V>> {
  return { key, value: [value, ...times], weight };
}

function untimed<V>({
  value: [value, ...times],
  weight,
}: {
  readonly value: Timed<V>;
  readonly weight: number;
}): IndexRow<V> {
  return { value, times, weight };
}
