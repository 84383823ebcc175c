import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SeededRandom, SimulatedEnvironment } from "@zspine/conformance";
import { openStore, type Store } from "@zspine/store";
import { temporalTrace, type TemporalTrace } from "../../src/index.ts";
import { countedPlace, type CountedPlace } from "./counted-place.ts";

const LIVE = 24_000;
const STEP = 1200;
const ROUNDS = 100;

/** What a run has kept, in bytes of values. */
interface Kept {
  readonly live: number;
  /** Of the rows of the times that are kept, of the one that heads are behind, and of the one that is being committed. */
  readonly window: number;
  /** The most there was when merges were waited for, and at any moment. */
  readonly atRest: number;
  readonly most: number;
  /** Bytes that were put for each byte of the commits. */
  readonly amplification: number;
}

/** Sets counters round by round, a step a commit, each to a random number, while since follows. */
async function turnOver(
  store: Store,
  place: CountedPlace,
  keep: number,
  random: SeededRandom,
): Promise<Kept> {
  const trace = await temporalTrace(store, "counters", { key: z.int32(), value: z.int32() });
  trace.retain({ times: keep });
  const current = new Map<number, number>();
  let atRest = 0;
  for (let time = 0; time < ROUNDS; time++) {
    insertStep(trace, time, current, random);
    await store.commit();
    // Until all keys are there, and the window is full, there is less than what is compared with.
    if (time * STEP < LIVE || time < keep) place.most = 0;
    if (time % 17 !== 16) continue;
    await store.finishMerges();
    if (place.most > 0) atRest = Math.max(atRest, place.bytes);
  }
  const { most, written, mostWithHead } = place;
  const amplification = written / (ROUNDS * mostWithHead);
  trace.retain({ times: 0 });
  trace.finish();
  await store.commit();
  trace.advanceSince(Number.MAX_SAFE_INTEGER);
  await store.commit();
  await store.compact();
  expect(trace.size).toBe(LIVE);
  return { live: place.bytes, window: (keep + 2) * mostWithHead, atRest, most, amplification };
}

function insertStep(
  trace: TemporalTrace<number, number>,
  time: number,
  current: Map<number, number>,
  random: SeededRandom,
): void {
  const key: number[] = [];
  const value: number[] = [];
  const weight: number[] = [];
  for (let at = 0; at < STEP; at++) {
    const one = ((time * STEP + at) * 7919) % LIVE;
    const old = current.get(one);
    const now = random.int(-(2 ** 31), 2 ** 31 - 1);
    key.push(...(old === undefined ? [] : [one]), one);
    value.push(...(old === undefined ? [] : [old]), now);
    weight.push(...(old === undefined ? [] : [-1]), 1);
    current.set(one, now);
  }
  trace.insertBatch(time, { key, value, weight });
  trace.advance(time + 1);
}

describe("bytes under a since that moves", () => {
  for (const [keep, windows] of [
    [0, 1],
    [4, 1],
    [16, 1],
    // A window of several times what is live is merged in large batches, and each folds as a whole.
    [40, 1.5],
  ] as const)
    it(`TT20 with ${keep} times kept are at rest 2 × live + ${windows} × window at the most, and at any moment 4 × live + 3 × window`, async () => {
      const random = new SeededRandom(20 + keep);
      const environment = new SimulatedEnvironment(random.uint32(), { latencyMsMax: 3 });
      const place = countedPlace();
      await environment.run(
        (async () => {
          await using store = await openStore({ backend: place.opener, environment });
          const { live, window, atRest, most, amplification } = await turnOver(store, place, keep, random);
          expect(atRest).toBeGreaterThan(live);
          expect(atRest).toBeLessThanOrEqual(2 * live + windows * window);
          expect(most).toBeLessThanOrEqual(4 * live + 3 * window);
          expect(amplification).toBeLessThan(5);
        })(),
      );
    });

  it("stay as they are when all is merged: to wait for merges again writes nothing", async () => {
    const random = new SeededRandom(7);
    const environment = new SimulatedEnvironment(random.uint32(), { latencyMsMax: 3 });
    const place = countedPlace();
    await environment.run(
      (async () => {
        await using store = await openStore({ backend: place.opener, environment });
        const trace = await temporalTrace(store, "counters", { key: z.int32(), value: z.int32() });
        trace.retain({ times: 3 });
        const current = new Map<number, number>();
        for (let time = 0; time < 45; time++) {
          insertStep(trace, time, current, random);
          await store.commit();
        }
        await store.finishMerges();
        const { written, bytes } = place;
        const { heads } = place;
        await store.finishMerges();
        expect([place.written, place.bytes, place.heads]).toEqual([written, bytes, heads]);
        expect(bytes).toBeLessThanOrEqual((trace.stats().storedBytes * 8) / 7);
      })(),
    );
  });
});
