import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openStore, tiered, type MergeStrategy, type SpineBatch, type StoreEvents } from "../../src/index.ts";

const batch = (rows: number, more: Partial<SpineBatch> = {}): SpineBatch => ({
  rows,
  bytes: rows * 24,
  isMerging: false,
  ...more,
});

describe("tiered()", () => {
  it("takes a fanout from 2 to 64, and no other", () => {
    for (const fanout of [2, 64]) expect(tiered({ fanout }).name).toBe(`tiered(${fanout})`);
    for (const fanout of [1, 65, 2.5])
      expect(() => tiered({ fanout })).toThrow(expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }));
  });

  it("L3 merges as many neighbours of one level as the fanout says", () => {
    const strategy = tiered({ fanout: 3 });
    expect(strategy.choose([batch(100), batch(100)])).toBeUndefined();
    expect(strategy.choose([batch(100), batch(100), batch(100)])).toEqual({ first: 0, count: 3 });
    expect(strategy.choose([batch(5000), batch(100), batch(100), batch(100)])).toEqual({
      first: 1,
      count: 3,
    });
  });

  it("takes smaller batches along that stand between those of the level", () => {
    const batches = [batch(3000), batch(3000), batch(10), batch(3000), batch(3000), batch(10)];
    expect(tiered({ fanout: 4 }).choose(batches)).toEqual({ first: 0, count: 6 });
  });

  it("leaves batches alone that are merging", () => {
    const strategy = tiered({ fanout: 2 });
    const merging = batch(9, { isMerging: true });
    expect(strategy.choose([merging, batch(9)])).toBeUndefined();
    expect(strategy.choose([batch(9), batch(9), merging])).toEqual({ first: 0, count: 2 });
    expect(strategy.choose([merging, batch(9), batch(9)])).toEqual({ first: 1, count: 2 });
  });

  it("merges at most 255 batches at a time", () => {
    const batches = Array.from({ length: 1000 }, () => batch(1));
    expect(tiered().choose(batches)?.count).toBe(255);
  });

  it("has nothing to do with nothing", () => {
    expect(tiered().choose([])).toBeUndefined();
  });

  it("refuses a fanout that cannot work", () => {
    for (const fanout of [1, 0, 2.5, 65, NaN]) {
      expect(() => tiered({ fanout })).toThrowError(
        expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }),
      );
    }
  });
});

describe("what a strategy gives is a decision, or is told of", () => {
  const RUBBISH: readonly (readonly [unknown, string])[] = [
    ["all of them", '"all of them"'],
    [null, "null"],
    [7, "7"],
    [Promise.resolve({ first: 0, count: 2 }), "a Promise"],
    [{}, "an object"],
    [{ first: -1, count: 2 }, "{ first: -1, count: 2 }"],
    [{ first: 0, count: 1.5 }, "{ first: 0, count: 1.5 }"],
    [{ first: 0, count: 1 }, "{ first: 0, count: 1 }"],
    [{ first: 0, count: NaN }, "{ first: 0, count: NaN }"],
    [{ first: "0", count: 2 }, '{ first: "0", count: 2 }'],
    [{ first: 0, count: 1000 }, "{ first: 0, count: 1000 }"],
    [{ first: 1, count: undefined }, "{ first: 1, count: undefined }"],
  ];

  /** Seals 30 batches under a strategy; gives the failures that were told, and the merges that were begun. */
  async function failuresOf(choose: MergeStrategy["choose"]) {
    await using store = await openStore({ strategy: { name: "of mine", choose }, stagingRows: 1 });
    const failures: StoreEvents["mergeFailure"][] = [];
    store.on("mergeFailure", (failure) => failures.push(failure));
    const trace = await store.trace("t", { key: z.int32(), value: z.undefined() });
    for (let key = 0; key < 30; key++) trace.insert(key, undefined);
    await store.commit();
    expect((await trace.count()).rows).toBe(30);
    return { failures, merges: trace.stats().merges };
  }

  it.each(RUBBISH)("%j: one mergeFailure that names the strategy and what it gave", async (given, found) => {
    const { failures, merges } = await failuresOf(() => given as never);
    expect(failures).toEqual([
      { trace: "t", error: expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS" }) as unknown },
    ]);
    const { message } = failures[0]!.error as Error;
    expect(message).toContain('"of mine"');
    expect(message).toContain(`gave ${found} for 2 batches`);
    expect(merges).toBe(0);
  });

  it("a decision whose fields are read differently each time is the one that was checked", async () => {
    const { failures, merges } = await failuresOf((batches) => {
      if (batches.length < 4 || batches.some(({ isMerging }) => isMerging)) return undefined;
      let reads = 0;
      return {
        first: 0,
        get count() {
          return reads++ === 0 ? 4 : -1;
        },
      };
    });
    expect([failures, merges > 0]).toEqual([[], true]);
  });
});
