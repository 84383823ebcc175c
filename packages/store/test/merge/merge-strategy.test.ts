import { describe, expect, it } from "vitest";
import { tiered, type SpineBatch } from "../../src/index.ts";

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
