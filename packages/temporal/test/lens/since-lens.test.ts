import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { file } from "@zspine/backend-file";
import { layoutOf } from "@zspine/core";
import { Batch, Slot, Staging, withTime } from "@zspine/core/engine";
import { openStore, type Store } from "@zspine/store";
import { NEW_FRONTIER } from "../../src/frontier/frontier.ts";
import { temporalTrace, type TemporalTrace } from "../../src/index.ts";
import { Life } from "../../src/lens/life.ts";
import { SinceLens } from "../../src/lens/since-lens.ts";

async function withFiles(work: (location: string) => Promise<void>): Promise<void> {
  const location = await mkdtemp(join(tmpdir(), "folds-"));
  try {
    await work(location);
  } finally {
    await rm(location, { recursive: true });
  }
}

async function counters(store: Store): Promise<TemporalTrace<number, number>> {
  return temporalTrace(store, "counters", { key: z.int32(), value: z.int32(), create: true });
}

/** Sets the counters of some keys to a time, at that time, and completes it. */
function step(
  trace: TemporalTrace<number, number>,
  time: number,
  keys: readonly number[],
  before: Map<number, number>,
): void {
  const key: number[] = [];
  const value: number[] = [];
  const weight: number[] = [];
  for (const one of keys) {
    const old = before.get(one);
    if (old !== undefined) {
      key.push(one);
      value.push(old);
      weight.push(-1);
    }
    key.push(one);
    value.push(time);
    weight.push(1);
    before.set(one, time);
  }
  trace.insertBatch(time, { key, value, weight });
  trace.advance(time + 1);
}

async function rowsAt(trace: TemporalTrace<number, number>, time: number): Promise<[number, number][]> {
  using then = await trace.asOf(time);
  return [...(await then.zset())].map(({ key, value }) => [key, value]);
}

describe("SinceLens", () => {
  it("carries() a slot of one time over, unless a row of it goes over into a neighbour at another", () => {
    const layout = withTime(layoutOf(z.int32(), z.int32()));
    const slotOf = (...rows: (readonly [key: number, time: number])[]): Slot => {
      const staging = new Staging(layout);
      for (const [key, time] of rows) staging.push(key, { value: 1, time }, 1);
      return Slot.of(staging.seal()[0]!);
    };
    const lens = new SinceLens(layout.kinds.length, 9, Life.of(layout, NEW_FRONTIER));
    const slot = slotOf([2, 1], [3, 1]);
    expect(lens.carries(slot, slotOf([1, 2]), slotOf([4, 2]))).toBe(true);
    expect(lens.carries(slot, slotOf([1, 2]), slotOf([3, 2]))).toBe(false);
    expect(lens.carries(slot, slotOf([2, 0]), undefined)).toBe(false);
    expect(lens.carries(slotOf([2, 1], [3, 2]), undefined, undefined)).toBe(false);
    expect(lens.carries(slotOf([2, 10], [3, 11]), undefined, undefined)).toBe(true);
  });

  describe("of batches", () => {
    const layout = withTime(layoutOf(z.int32(), z.int32()));
    const batchOf = (rows: number, ...times: number[]): Batch => {
      const staging = new Staging(layout);
      for (let key = 0; key < rows; key++)
        staging.push(key, { value: 1, time: times[key % times.length]! }, 1);
      return Batch.of(layout, staging.seal());
    };
    const lens = new SinceLens(layout.kinds.length, 9, Life.of(layout, NEW_FRONTIER));

    it("has those due() that can fold once they are a third of the one below, and none above since", () => {
      expect(lens.due([batchOf(300, 4), batchOf(60, 7)])).toBeUndefined();
      expect(lens.due([batchOf(300, 4), batchOf(60, 7), batchOf(60, 9)])).toEqual({ first: 0, count: 3 });
      expect(lens.due([batchOf(300, 4), batchOf(60, 7), batchOf(60, 9, 10)])).toBeUndefined();
      expect(lens.due([batchOf(60, 4), batchOf(300, 9), batchOf(300, 10)])).toBeUndefined();
      expect(lens.due([batchOf(300, 4)])).toBeUndefined();
    });

    it("parts those that fold whole from the first that does not, whatever comes after", () => {
      expect(lens.parting([batchOf(3, 4), batchOf(3, 9), batchOf(3, 8, 10), batchOf(3, 9)])).toBe(2);
      expect(lens.parting([batchOf(3, 10)])).toBe(0);
      expect(lens.parting([batchOf(3, 1)])).toBe(1);
    });

    it("isBehind() when what can fold is two thirds of the folded, and is not little", () => {
      expect(lens.isBehind([batchOf(30, 4), batchOf(30, 7)])).toBe(false);
      expect(lens.isBehind([batchOf(30_000, 4), batchOf(15_000, 7)])).toBe(false);
      expect(lens.isBehind([batchOf(30_000, 4), batchOf(21_000, 7)])).toBe(true);
      expect(lens.isBehind([batchOf(30_000, 4), batchOf(21_000, 7, 10)])).toBe(false);
    });

    it("chooses one of many times alone once since has passed half of it, where it is much of all", () => {
      const halfPassed = batchOf(100, 0, 18);
      expect(lens.choose([batchOf(100, 9), halfPassed])).toEqual({ first: 1, count: 1 });
      expect(lens.choose([batchOf(300, 9), halfPassed])).toBeUndefined();
      expect(lens.choose([batchOf(100, 9), batchOf(100, 0, 19)])).toBeUndefined();
    });
  });
});

describe("folding", () => {
  it("F4 F5 TT14 comes to an end: a second compaction writes nothing, whatever is above since", async () => {
    await withFiles(async (location) => {
      await using store = await openStore({ backend: file({ location }) });
      const trace = await counters(store);
      const current = new Map<number, number>();
      for (let time = 0; time < 40; time++) {
        step(
          trace,
          time,
          Array.from({ length: 50 }, (_, at) => (at * 7 + time) % 200),
          current,
        );
        if (time === 30) trace.advanceSince(25);
        await store.commit();
      }
      const wanted = new Map<number, [number, number][]>();
      for (let time = 25; time < 40; time++) wanted.set(time, await rowsAt(trace, time));
      await store.compact();
      for (const [time, rows] of wanted) expect(await rowsAt(trace, time)).toEqual(rows);
      const before = store.stats();
      await store.compact();
      await store.finishMerges();
      const after = store.stats();
      expect(after.mergeBytesWritten).toBe(before.mergeBytesWritten);
      expect(after.traces["counters"]!.merges).toBe(before.traces["counters"]!.merges);
      expect((await store.verify()).problems).toEqual([]);
    });
  });

  it("F8 TT15 a merge that is paused while since goes on, and is resumed, has lost nothing", async () => {
    const tasks: (() => void)[] = [];
    const environment = {
      now: (() => {
        let now = 0;
        return () => now++ * 10;
      })(),
      random: () => 7,
      schedule: (task: () => void) => {
        tasks.push(task);
        return () => undefined;
      },
      io: <B>(backend: B) => backend,
    };
    const turns = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        for (let tick = 0; tick < 20; tick++) await Promise.resolve();
        tasks.shift()?.();
      }
      for (let tick = 0; tick < 20; tick++) await Promise.resolve();
    };
    await using store = await openStore({ environment });
    const trace = await counters(store);
    const current = new Map<number, number>();
    const keys = Array.from({ length: 20_000 }, (_, at) => at);
    for (let time = 0; time < 3; time++) {
      step(trace, time, keys, current);
      const commit = store.commit();
      await turns(20);
      await commit;
    }
    const wanted = [await rowsAt(trace, 1), await rowsAt(trace, 2)];
    trace.advanceSince(1);
    const commit = store.commit();
    await turns(20);
    await commit;
    const end = { isThere: false };
    const compacting = store.compact().then(() => (end.isThere = true));
    await turns(2);
    expect(end.isThere).toBe(false);
    expect(store.stats().traces["counters"]!.mergesInProgress).toBeGreaterThan(0);
    step(trace, 3, [1, 2, 3], current);
    trace.advanceSince(2);
    const moved = store.commit();
    await turns(50);
    await moved;
    expect(await rowsAt(trace, 2)).toEqual(wanted[1]);
    while (!end.isThere) await turns(1);
    await compacting;
    expect(await rowsAt(trace, 2)).toEqual(wanted[1]);
    expect(await rowsAt(trace, 3)).toEqual([...current].sort(([a], [b]) => a - b));
  });

  it("L14 drops batches whose rows have all come to their end without reading them", async () => {
    await withFiles(async (location) => {
      {
        await using store = await openStore({ backend: file({ location }) });
        const trace = await counters(store);
        for (let time = 0; time < 3; time++) {
          const key = Int32Array.from({ length: 20_000 }, (_, at) => at);
          trace.insertBatch(time, { key, value: key });
          trace.advance(time + 1);
          await store.commit();
        }
      }
      await using store = await openStore({ backend: file({ location }) });
      const trace = await counters(store);
      const before = store.stats().storedBytes;
      trace.expire(2);
      await store.commit();
      await store.finishMerges();
      await store.flush();
      await store.commit();
      await store.commit();
      expect(store.stats().cache.bytesRead).toBe(0);
      expect(store.stats().storedBytes).toBeLessThan(before / 2);
      expect(trace.size).toBe(20_000);
      expect(await rowsAt(trace, 2)).toHaveLength(20_000);
      expect(await trace.times()).toEqual([{ time: 2, isFolded: false }]);
      expect((await store.verify()).problems).toEqual([]);
    });
  });

  it("L15 rows of times and of keys below a bound are gone from reads at once, and from the disk later", async () => {
    await withFiles(async (location) => {
      await using store = await openStore({ backend: file({ location }) });
      const trace = await counters(store);
      for (let time = 0; time < 10; time++) {
        for (let key = 0; key < 100; key++) trace.insert(time, key, time);
        trace.advance(time + 1);
      }
      await store.commit();
      trace.expire(4);
      trace.expireKeys(30);
      const left = async (): Promise<void> => {
        expect(await rowsAt(trace, 9)).toHaveLength(70 * 6);
        using then = await trace.asOf(9);
        expect(await then.get(29)).toEqual([]);
        expect((await then.get(30)).map(({ value }) => value)).toEqual([4, 5, 6, 7, 8, 9]);
        expect(await then.getMany([0, 30])).toHaveLength(2);
        expect(await then.has(29)).toBe(false);
        expect((await trace.history(30)).map(({ time }) => time)).toEqual([4, 5, 6, 7, 8, 9]);
        expect([...(await trace.diff(2, 4))]).toHaveLength(70);
      };
      await left();
      await store.commit();
      await store.compact();
      expect(trace.size).toBe(70 * 6);
      await left();
      expect((await store.verify()).problems).toEqual([]);
      expect(() => trace.expire(3)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }));
      expect(() => trace.expireKeys(29)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_REGRESSED" }));
      trace.advanceSince(7);
      expect(() => trace.expire(6)).toThrow(expect.objectContaining({ code: "ZSPINE_TIME_PASSED" }));
      trace.expire(8);
      expect(await rowsAt(trace, 9)).toHaveLength(70 * 2);
    });
  });

  it("TT20 under a since that moves, what is stored is at most twice what there is, and what is kept apart", async () => {
    await withFiles(async (location) => {
      await using store = await openStore({ backend: file({ location }) });
      const trace = await counters(store);
      trace.retain({ times: 4 });
      const current = new Map<number, number>();
      const keys = 2000;
      for (let time = 0; time < 300; time++) {
        step(
          trace,
          time,
          Array.from({ length: 200 }, (_, at) => (time * 200 + at * 11) % keys),
          current,
        );
        await store.commit();
      }
      await store.finishMerges();
      // 400 rows of each of the times that are kept.
      expect(trace.size).toBeLessThanOrEqual(2 * keys + 6 * 400);
      expect(await rowsAt(trace, 299)).toEqual([...current].sort(([a], [b]) => a - b));
    });
  });

  it("TT18 below since, history and times are told as folded, at since", async () => {
    await using store = await openStore();
    const trace = await counters(store);
    for (let time = 0; time < 6; time++) {
      trace.insert(time, 1, time);
      trace.advance(time + 1);
      await store.commit();
    }
    trace.advanceSince(3);
    const told = async (): Promise<unknown> => [await trace.times(), await trace.history(1)];
    const folded = [0, 1, 2, 3].map((value) => ({ time: 3, isFolded: true, value, weight: 1 }));
    const wanted = [
      [
        { time: 3, isFolded: true },
        { time: 4, isFolded: false },
        { time: 5, isFolded: false },
      ],
      [
        ...folded,
        { time: 4, isFolded: false, value: 4, weight: 1 },
        { time: 5, isFolded: false, value: 5, weight: 1 },
      ],
    ];
    expect(await told()).toEqual(wanted);
    await store.commit();
    await store.compact();
    expect(await told()).toEqual(wanted);
  });

  it("TT21 a key that is emptied by several retractions and filled again is exact at each time, whatever is merged between", async () => {
    for (let deletes = 1; deletes <= 4; deletes++) {
      for (let mergedAt = -1; mergedAt < deletes * 2 + 1; mergedAt++) {
        await using store = await openStore();
        const trace = await counters(store);
        const wanted: number[] = [];
        let weight = 0;
        for (let time = 0; time < deletes * 2 + 1; time++) {
          const change = time === 0 ? deletes : time <= deletes ? -1 : 1;
          weight += change;
          trace.insert(time, 1, 5, change);
          trace.advance(time + 1);
          await store.commit();
          wanted.push(weight);
          if (time !== mergedAt) continue;
          trace.advanceSince(Math.floor(time / 2));
          await store.commit();
          await store.compact();
        }
        for (let time = Math.max(0, Math.floor(mergedAt / 2)); time < wanted.length; time++) {
          using then = await trace.asOf(time);
          expect(await then.get(1)).toEqual(wanted[time] === 0 ? [] : [{ value: 5, weight: wanted[time] }]);
        }
      }
    }
  });
});
