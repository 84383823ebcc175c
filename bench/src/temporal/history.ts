import { openStore, type Store } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "@zspine/temporal";
import { z } from "zod";

/** Nanoseconds of reads of a trace, by how many times its history has. */
export interface HistoryTimes {
  readonly times: number;
  readonly isFolded: boolean;
  /** Rows that are stored, with those that are folded away taken off. */
  readonly rows: number;
  /** Opening a reader as of the last time, and finding one key. */
  readonly asOfGet: number;
  /** Finding one key by a reader that is open. */
  readonly get: number;
  /** Reading what has changed at the last time. */
  readonly lastChanges: number;
}

type Counters = TemporalTrace<number, number>;

/** Each key changes about ten times, whatever the history. */
const CHANGES_OF_KEY = 10;
const READS = 200;

async function fill(
  times: number,
  isFolded: boolean,
): Promise<{ store: Store; trace: Counters; keys: number }> {
  const store = await openStore();
  const trace = await temporalTrace(store, "counters", { key: z.int32(), value: z.int32() });
  if (isFolded) trace.retain({ times: 0 });
  const keys = Math.max(10, Math.round(times / CHANGES_OF_KEY));
  const current = new Int32Array(keys).fill(-1);
  for (let time = 0; time < times; time++) {
    const key = (time * 7919) % keys;
    if (current[key]! >= 0) trace.insert(time, key, current[key]!, -1);
    trace.insert(time, key, time);
    current[key] = time;
    trace.advance(time + 1);
    await store.commit();
  }
  await store.finishMerges();
  return { store, trace, keys };
}

/** Measures reads over a history of so many times, one change at each. */
export async function measureHistory(times: number, isFolded: boolean): Promise<HistoryTimes> {
  const { store, trace, keys } = await fill(times, isFolded);
  const last = times - 1;
  const keyOf = (read: number): number => (read * 104_729) % keys;
  const asOfGet = await medianOf(async (read) => {
    using then = trace.asOfNow(last);
    if (then.now.get(keyOf(read)).length !== 1) throw new Error(`key ${keyOf(read)} has not one value`);
  });
  const reader = trace.asOfNow(last);
  const get = await medianOf(async (read) => {
    if (reader.now.get(keyOf(read)).length !== 1) throw new Error(`key ${keyOf(read)} has not one value`);
  });
  reader.close();
  const lastChanges = isFolded
    ? 0
    : await medianOf(async () => {
        const changed = await trace.diff(last - 1, last);
        if (changed.size !== 2 && times > keys)
          throw new Error(`${changed.size} rows have changed at the last time`);
      });
  const rows = trace.size;
  await store.close();
  return { times, isFolded, rows, asOfGet, get, lastChanges };
}

async function medianOf(read: (number: number) => Promise<void>): Promise<number> {
  for (let number = 0; number < READS; number++) await read(number);
  const taken: number[] = [];
  for (let number = 0; number < READS; number++) {
    const begun = performance.now();
    await read(number);
    taken.push(performance.now() - begun);
  }
  return Math.round(taken.sort((a, b) => a - b)[READS / 2]! * 1e6);
}
