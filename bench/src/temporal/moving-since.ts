import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { z } from "zod";
import { bytesIn } from "../contest/folder.ts";

/** What is stored while since moves. */
export interface MovingSince {
  readonly updates: number;
  readonly live: number;
  /** Rows that the kept times have of their own. */
  readonly window: number;
  /** Rows that were stored at the most, once merging was at rest, over 2 × live + window. */
  readonly mostOfBound: number;
  /**
   * Bytes of the live rows when they are alone; the most in all files when merges had been waited for, and at any commit; and
   * the most that heads, spines and readers needed.
   */
  readonly liveBytes: number;
  readonly mostAtRestBytes: number;
  readonly mostFileBytes: number;
  readonly mostBytes: number;
  /** Rows written by commits and merges for each update. */
  readonly writeAmplification: number;
}

const LIVE = 100_000;
const STEP = 5000;
const KEPT = 4;

/** Updates keys round by round, a step a commit, with a since that follows. */
export async function measureMovingSince(updates: number, location: string): Promise<MovingSince> {
  await using store = await openStore({ backend: file({ location }) });
  const trace = await temporalTrace(store, "counters", { key: z.int32(), value: z.int32() });
  trace.retain({ times: KEPT });
  const current = new Int32Array(LIVE).fill(-1);
  const window = (KEPT + 2) * 2 * STEP;
  let most = 0;
  let mostBytes = 0;
  let mostAtRestBytes = 0;
  let mostFileBytes = 0;
  for (let time = 0; time * STEP < updates; time++) {
    const key = new Int32Array(2 * STEP);
    const value = new Int32Array(2 * STEP);
    const weight = new Int8Array(2 * STEP);
    let count = 0;
    for (let at = 0; at < STEP; at++) {
      const one = ((time * STEP + at) * 7919) % LIVE;
      if (current[one]! >= 0) {
        key[count] = one;
        value[count] = current[one]!;
        weight[count++] = -1;
      }
      key[count] = one;
      value[count] = time;
      weight[count++] = 1;
      current[one] = time;
    }
    const cut = <A extends { subarray(from: number, to: number): A }>(array: A): A =>
      array.subarray(0, count);
    trace.insertBatch(time, { key: cut(key), value: cut(value), weight: cut(weight) });
    trace.advance(time + 1);
    await store.commit();
    mostBytes = Math.max(mostBytes, store.stats().storedBytes);
    mostFileBytes = Math.max(mostFileBytes, bytesIn(location));
    if (time % 50 !== 49) continue;
    await store.finishMerges();
    most = Math.max(most, trace.size);
    mostAtRestBytes = Math.max(mostAtRestBytes, bytesIn(location));
  }
  await store.finishMerges();
  using last = trace.asOfNow(Math.ceil(updates / STEP) - 1);
  const { rows } = await last.count();
  if (rows !== LIVE && updates >= LIVE) throw new Error(`${rows} rows are there, not ${LIVE}`);
  const { writeAmplification } = trace.stats();
  last.close();
  trace.retain({ times: 0 });
  trace.finish();
  await store.commit();
  trace.advanceSince(Number.MAX_SAFE_INTEGER);
  await store.commit();
  await store.compact();
  const liveBytes = trace.stats().storedBytes;
  const mostOfBound = Math.round((most / (2 * LIVE + window)) * 100) / 100;
  const bytes = { liveBytes, mostAtRestBytes, mostFileBytes, mostBytes };
  return { updates, live: LIVE, window, mostOfBound, ...bytes, writeAmplification };
}
