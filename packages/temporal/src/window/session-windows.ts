import { add, IndexedZSet, keysOf, negate, subtract, ZSet, type Layout } from "@zspine/core";
import { Batch, makePart, withTime, type Timed } from "@zspine/core/engine";
import { partsByTime, type ChangesAt } from "../read/time-reader.ts";
import { LAST_TIME, type Time } from "../time/time.ts";
import { timedZSet } from "../intake/timed-rows.ts";
import { RunningSum } from "./running-sum.ts";
import type { OpenWindows, Window } from "./window.ts";

/** A session of some keys that is over. */
interface Ended<K, V> {
  readonly start: Time;
  readonly end: number;
  readonly rows: IndexedZSet<K, V> | undefined;
  readonly keys: ZSet<K>;
}

const END = LAST_TIME + 1;

/**
 * Sessions: a key has one open at most, which goes on with each change less than `gap` after its last. Keys are told by
 * their columns, and all there is of a key's session is a row of a Z-set: `spans` has when it has begun and changed last,
 * `rows` what has changed in it. `touched` has the keys of each time that is less than `gap` ago: once it is not, those
 * that have not changed since are over.
 */
export class SessionWindows<K, V> implements OpenWindows<K, V> {
  private readonly gap: number;
  private readonly from: number;
  private readonly rows = new RunningSum<K, V>();
  /** Of each key when its session has begun, and when it has changed last. */
  private readonly spans = new RunningSum<K, Timed<Timed<undefined>>>();
  /** What was taken and not looked at yet. */
  private readonly taken: ChangesAt<K, V>[] = [];
  private readonly touched: { readonly time: Time; readonly keys: ZSet<K> }[] = [];
  private readonly ended: Ended<K, V>[] = [];
  /** How many keys there are of which a session is to be given, by its start, ascending. */
  private readonly starts = new Map<Time, number>();

  constructor(gap: number, from: number) {
    this.gap = gap;
    this.from = from;
  }

  take(change: ChangesAt<K, V>): void {
    this.taken.push(change);
  }

  next(until: Time): Omit<Window<K, V>, "resumeFrom"> | undefined {
    for (;;) {
      const ended = this.ended.shift();
      if (ended !== undefined) {
        const { start, end, rows, keys } = ended;
        if (!this.isGiven(start)) continue;
        this.count(start, -keys.size);
        if (rows !== undefined && rows.size > 0) return { start, end, rows };
        continue;
      }
      const change = this.taken[0];
      const oldest = this.touched[0];
      if (oldest !== undefined && this.isOver(oldest.time, change?.time, until)) {
        this.close(this.endOf(oldest.time));
      } else if (change !== undefined) {
        this.taken.shift();
        this.extend(change);
      } else return undefined;
    }
  }

  resumeFrom(until: Time): number {
    const [oldest = this.taken[0]?.time ?? until + 1] = this.starts.keys();
    return oldest - this.gap;
  }

  /** Whether no change can go on with a session that has changed at `last`: neither the next, nor one after `until`. */
  private isOver(last: Time, change: Time | undefined, until: Time): boolean {
    if (change !== undefined) return change - last >= this.gap;
    return until === LAST_TIME || until + 1 - last >= this.gap;
  }

  /** Whether a session that seems to begin at a time can have no changes up to `from`. */
  private isGiven(start: Time): boolean {
    return start - this.from >= this.gap;
  }

  private count(start: Time, keys: number): void {
    const count = (this.starts.get(start) ?? 0) + keys;
    if (count === 0) this.starts.delete(start);
    else this.starts.set(start, count);
  }

  /** Goes on with the sessions of the keys that have changed, or begins them. */
  private extend({ time, rows }: ChangesAt<K, V>): void {
    const keys = keysOf(rows);
    const { started, span } = layoutsOf(keys);
    const before = this.spans.of(keys);
    const known =
      before === undefined
        ? []
        : before.batch.parts.map(({ columns, weights }) => makePart(columns.slice(0, -1), weights));
    const fresh = before === undefined ? keys : subtract(keys, keysOf(before));
    if (fresh.size > 0 && this.isGiven(time)) this.count(time, fresh.size);
    const begun = timedZSet(started, fresh.batch.parts, time);
    const after = add(timedZSet(span, known, time), timedZSet(span, begun.batch.parts, time));
    this.spans.add(before === undefined ? after : subtract(after, before));
    this.rows.add(rows);
    this.touched.push({ time, keys });
  }

  private endOf(last: Time): number {
    return Math.min(last + this.gap, END);
  }

  /** Ends the sessions that end then: of keys that have changed so long before, and not since. */
  private close(end: number): void {
    const { touched } = this;
    let over: IndexedZSet<K, Timed<undefined>> | undefined;
    // More than one time where the end of all cuts what they end with.
    while (touched.length > 0 && this.endOf(touched[0]!.time) === end) {
      const { time: last, keys } = touched.shift()!;
      const { started, span } = layoutsOf(keys);
      const found = partsByTime(this.spans.of(keys)!.batch.parts).find(([time]) => time === last);
      if (found === undefined) continue;
      this.spans.add(negate(timedZSet(span, found[1], last)));
      const some = new IndexedZSet(Batch.of(started, found[1]));
      over = over === undefined ? some : add(over, some);
    }
    if (over === undefined) return;
    for (const [start, parts] of partsByTime(over.batch.parts)) {
      const keys = new ZSet(Batch.of(keysOf(over).layout, parts));
      const rows = this.rows.of(keys);
      if (rows !== undefined) this.rows.add(negate(rows));
      this.ended.push({ start, end, rows, keys });
    }
  }
}

/** The layouts of keys with when a session has begun, and with when it has changed last besides. */
function layoutsOf<K>({ layout }: ZSet<K>): {
  readonly started: Layout<K, Timed<undefined>>;
  readonly span: Layout<K, Timed<Timed<undefined>>>;
} {
  const started = withTime(layout);
  return { started, span: withTime(started) };
}
