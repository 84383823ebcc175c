import { openStore, type Store } from "@zspine/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { temporalTrace, type TemporalTrace } from "../src/index.ts";

// What the temporal storage of the original was tested for, with its figures.

let store: Store;
let trace: TemporalTrace<number, string>;

beforeEach(async () => {
  store = await openStore();
  trace = await temporalTrace(store, "t", { key: z.int32(), value: z.string() });
});

afterEach(() => store.close());

async function asOf(time: number) {
  using reader = await trace.asOf(time);
  return [...(await reader.zset())].map(({ key, value, weight }) => [key, value, weight]);
}

/** Says that times up to one are complete. */
async function complete(time: number): Promise<void> {
  trace.advance(time + 1);
  await store.commit();
}

async function* snapshots() {
  for await (const { until } of trace.subscribe()) {
    using reader = await trace.asOf(until);
    yield { until, rows: await reader.zset() };
  }
}

describe("F1 rows inserted at a time, read as of one", () => {
  it("T32 T44 accumulate over times", async () => {
    trace.insertAll(1, [
      { key: 1, value: "a" },
      { key: 2, value: "b" },
    ]);
    trace.insert(2, 3, "c");
    await complete(2);
    expect(await asOf(1)).toHaveLength(2);
    expect(await asOf(2)).toHaveLength(3);
  });

  it("T33 are read in the version of each time", async () => {
    trace.insert(1, 1, "V1");
    trace.insert(1, 2, "V2");
    trace.insert(2, 1, "V1", -1);
    trace.insert(2, 1, "V1_Updated");
    trace.insert(3, 2, "V2", -1);
    trace.insert(3, 4, "V4");
    await complete(3);
    expect(await asOf(1)).toEqual([
      [1, "V1", 1],
      [2, "V2", 1],
    ]);
    expect(await asOf(2)).toEqual([
      [1, "V1_Updated", 1],
      [2, "V2", 1],
    ]);
    expect(await asOf(3)).toEqual([
      [1, "V1_Updated", 1],
      [4, "V4", 1],
    ]);
  });

  it("T37 T40 cancel out over batches, whether merged or not", async () => {
    trace.insert(1, 1, "a", 2);
    trace.insert(1, 2, "b");
    await complete(1);
    trace.insert(2, 1, "a", -2);
    trace.insert(2, 3, "c", 3);
    await complete(2);
    trace.insert(3, 2, "b", 4);
    await complete(3);
    const check = async () => {
      expect(await asOf(2)).toEqual([
        [2, "b", 1],
        [3, "c", 3],
      ]);
      expect(await asOf(3)).toEqual([
        [2, "b", 5],
        [3, "c", 3],
      ]);
    };
    await check();
    await store.compact();
    await check();
  });
});

describe("F2 changes of a range of times", () => {
  it("T36 are those of each time within, both ends included, ascending, whatever the sign of keys and times", async () => {
    for (let time = 5; time >= -5; time--) trace.insert(time, -time, `${time}`);
    await complete(5);
    const changes = await trace.changesByTime({ after: 1, until: 4 });
    expect(changes.map(({ time, rows }) => [time, ...rows.keys()])).toEqual([
      [2, -2],
      [3, -3],
      [4, -4],
    ]);
    const around = await trace.changesByTime({ after: -3, until: 0 });
    expect(around.map(({ time }) => time)).toEqual([-2, -1, 0]);
  });

  it("T41 are one time's where only one has changed something", async () => {
    trace.insert(8, 0, "before");
    trace.insert(10, 1, "a");
    trace.insert(10, 2, "b");
    await complete(12);
    const changes = await trace.changesByTime({ after: 8, until: 11 });
    expect(changes.map(({ time, rows }) => [time, rows.size])).toEqual([[10, 2]]);
  });
});

describe("F3 merging", () => {
  it("T34 T35 changes no read from since on, and leaves none below it that could be wrong", async () => {
    for (let time = 1; time <= 10; time++) {
      trace.insert(time, time, "v");
      trace.insert(time, 0, "again");
      await complete(time);
    }
    await store.compact();
    expect(await asOf(3)).toHaveLength(4);
    trace.advanceSince(5);
    await store.commit();
    await store.compact();
    await expect(asOf(3)).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED", cause: { least: 5 } });
    expect(await asOf(5)).toHaveLength(6);
    expect((await asOf(7)).filter(([key]) => key !== 0)).toHaveLength(7);
    expect((await asOf(7))[0]).toEqual([0, "again", 7]);
  });
});

describe("F10 times far from each other", () => {
  it("T38 cost nothing in between, and read empty where nothing is", async () => {
    trace.insert(100, 1, "a");
    trace.insert(1_000_000, 2, "b");
    await complete(1_000_000);
    expect(await asOf(99)).toEqual([]);
    expect(await asOf(-1_000_000)).toEqual([]);
    expect(await asOf(500_000)).toEqual([[1, "a", 1]]);
    expect(await asOf(1_000_000)).toHaveLength(2);
    expect(await trace.changesByTime({ after: 100, until: 999_999 })).toEqual([]);
    expect((await trace.times()).map(({ time }) => time)).toEqual([100, 1_000_000]);
  });

  it("reach from the first time there is to the last", async () => {
    const [first, last] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    trace.insert(first, -1, "first");
    trace.insert(-5, -2, "below 0");
    trace.insert(last, 3, "last");
    trace.finish();
    await store.commit();
    expect(await asOf(first)).toEqual([[-1, "first", 1]]);
    expect(await asOf(-5)).toHaveLength(2);
    expect(await asOf(last - 1)).toHaveLength(2);
    expect(await asOf(last)).toHaveLength(3);
  });
});

describe("F12 a clock", () => {
  it("T42 gives a snapshot of each step, as a loop over a subscription", async () => {
    const found = snapshots();
    for (let step = 1; step <= 3; step++) {
      trace.insert(step, step, "v");
      await complete(step);
      const { until, rows } = (await found.next()).value!;
      expect([until, ...rows.keys()]).toEqual([step, ...[1, 2, 3].slice(0, step)]);
      // What was read last is kept for those who are behind, and no more.
      trace.advanceSince(step);
      expect(trace.since).toBe(step);
    }
    const waiting = found.next();
    trace.finish();
    await store.commit();
    expect((await waiting).value!.rows.size).toBe(3);
    expect((await found.next()).done).toBe(true);
  });

  it("stands still with nothing to read, and steps over what nobody has asked for meanwhile", async () => {
    const found = snapshots();
    trace.insert(1, 1, "v");
    await complete(1);
    expect((await found.next()).value).toMatchObject({ until: 1 });
    await complete(2);
    await complete(7);
    trace.advanceSince(7);
    const { until, rows } = (await found.next()).value!;
    expect([until, rows.size]).toEqual([7, 1]);
    await found.return(undefined);
    expect(trace.explainSince().holders).toEqual([]);
  });

  it("gives the changes of a range of steps", async () => {
    for (let step = 1; step <= 5; step++) trace.insert(step, step, "v");
    await complete(5);
    for await (const { times } of trace.subscribe({ from: 1, net: false })) {
      expect(times!.map(({ time }) => time)).toEqual([2, 3, 4, 5]);
      break;
    }
  });
});
