import { layoutOf, type Layout } from "@zspine/core";
import { Batch, Staging } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { tiered, type MergeStrategy } from "../../src/index.ts";
import { Boundaries } from "../../src/merge/boundaries.ts";
import type { MergeReport } from "../../src/merge/merge-report.ts";
import { Spine } from "../../src/merge/spine.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";
import { MemorySink } from "../../src/tier/batch-sink.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

function batchOf(rows: readonly (readonly [key: number, weight: number])[]): Batch {
  const staging = new Staging(layout);
  for (const [key, weight] of rows) staging.push(key, key, weight);
  return Batch.of(layout, staging.seal());
}

function boundariesAt(...places: readonly number[]): Boundaries {
  const boundaries = new Boundaries();
  for (const place of places) boundaries.hold(place);
  return boundaries;
}

/** One for all, for a store has one: spines hand batches over. */
const keeper = new ValueKeeper(() => undefined);

function newSpine(strategy: MergeStrategy, boundaries = boundariesAt()) {
  const reports: MergeReport[] = [];
  const spine = new Spine({
    owner: { name: "t", layout },
    strategy,
    boundaries,
    keeper,
    newSink: () => new MemorySink(layout),
    lens: () => undefined,
    onMerge: (report) => reports.push(report),
    onLoss: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  let seq = 0;
  return {
    spine,
    reports,
    insert: (...rows: (readonly [number, number])[]) => {
      spine.insert({ batch: batchOf(rows), file: undefined, lower: seq, upper: ++seq });
    },
  };
}

const totalWeight = (spine: Spine) => spine.entries.reduce((sum, { batch }) => sum + batch.totalWeight, 0);

const never: MergeStrategy = { name: "never", choose: () => undefined };

describe("Spine", () => {
  it("merges in slices of fuel, and readers see the inputs until the result stands in their place", () => {
    const { spine, insert, reports } = newSpine(tiered({ fanout: 2 }));
    insert(...Array.from({ length: 100 }, (_, i) => [i, 1] as const));
    insert(...Array.from({ length: 100 }, (_, i) => [i + 50, 1] as const));
    expect(spine.merges.size).toBe(1);
    let slices = 0;
    while (spine.merges.size > 0) {
      expect(spine.entries).toHaveLength(2);
      expect(totalWeight(spine)).toBe(200);
      expect(spine.work(10)).toBeLessThanOrEqual(0);
      slices++;
    }
    expect(slices).toBeGreaterThan(10);
    expect(spine.entries.map(({ batch, lower, upper }) => [batch.length, lower, upper])).toEqual([
      [150, 0, 2],
    ]);
    expect(reports).toEqual([{ inputs: 2, rowsIn: 200, rowsOut: 150, bytes: 0 }]);
    expect(spine.work(10)).toBe(10);
  });

  it("L10 drops rows that come to zero, and batches in which nothing is left", () => {
    const { spine, insert } = newSpine(tiered({ fanout: 2 }));
    insert([1, 1], [2, 3]);
    insert([1, -1], [2, -3]);
    spine.work(Infinity);
    expect(spine.entries).toEqual([]);
    insert([5, 1]);
    expect(spine.entries).toHaveLength(1);
  });

  it("L10 merging what has been merged changes nothing", () => {
    const { spine, insert } = newSpine(never);
    insert([1, 1]);
    insert([2, 1]);
    spine.beginAll();
    spine.work(Infinity);
    const { entries } = spine;
    spine.beginAll();
    spine.work(Infinity);
    expect(spine.entries).toBe(entries);
  });

  it("passes over a decision that reaches out of the run that a boundary begins, or is of one batch", () => {
    for (const decision of [
      { first: 1, count: 2 },
      { first: 0, count: 3 },
      { first: -1, count: 2 },
      { first: 0, count: 1 },
    ]) {
      const { spine, insert } = newSpine({ name: "wrong", choose: () => decision }, boundariesAt(1));
      insert([1, 1]);
      insert([2, 1]);
      insert([3, 1]);
      expect(spine.merges.size).toBe(0);
    }
  });

  it("keeps a boundary whose batches have come to nothing", () => {
    const { spine, insert } = newSpine(never, boundariesAt(2));
    insert([1, 1]);
    insert([1, -1]);
    spine.beginAll();
    spine.work(Infinity);
    insert([3, 1]);
    insert([4, 1]);
    expect(spine.entries.map(({ lower, upper }) => [lower, upper])).toEqual([
      [2, 3],
      [3, 4],
    ]);
    spine.beginAll();
    spine.work(Infinity);
    expect(spine.entries.map(({ lower, upper }) => [lower, upper])).toEqual([[2, 4]]);
  });

  it("shares fuel between merges, so that a large one does not hold up a small one, nor starve", () => {
    const { spine, insert, reports } = newSpine(tiered({ fanout: 2 }));
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => [from + i * 2, 1] as const);
    insert(...rows(0, 20_000));
    insert(...rows(1, 20_000));
    insert([1, 1]);
    insert([3, 1]);
    expect(spine.merges.size).toBe(2);
    spine.work(100);
    expect(reports).toHaveLength(1);
    spine.work(100_000);
    expect(reports.map(({ inputs }) => inputs)).toEqual([2, 2, ...reports.slice(2).map(() => 2)]);
    expect(spine.merges.size).toBe(0);
  });

  it("does not merge weights whose sum could leave the range", () => {
    const { spine, insert } = newSpine(tiered({ fanout: 2 }));
    insert([1, Number.MAX_SAFE_INTEGER]);
    insert([1, Number.MAX_SAFE_INTEGER]);
    expect(spine.merges.size).toBe(0);
    expect(spine.entries).toHaveLength(2);
  });

  it("hands over what is before a boundary with its merges, and takes over what comes after", () => {
    const boundaries = boundariesAt();
    const { spine, insert } = newSpine(tiered({ fanout: 2 }), boundaries);
    insert([1, 1]);
    insert([2, 1]);
    boundaries.hold(2);
    insert([3, 1]);
    const earlier = newSpine(tiered({ fanout: 2 }), boundaries).spine;
    spine.split(2, earlier);
    expect([earlier.entries.length, earlier.merges.size]).toEqual([2, 1]);
    expect([spine.entries.length, spine.merges.size]).toEqual([1, 0]);
    earlier.work(Infinity);
    boundaries.release(2);
    earlier.adopt(spine);
    earlier.work(Infinity);
    expect(earlier.entries.map(({ lower, upper }) => [lower, upper])).toEqual([[0, 3]]);
    expect(spine.entries).toEqual([]);
  });

  it("refuses a batch that does not come after those there are, and one that reaches across a boundary", () => {
    const boundaries = boundariesAt();
    const { spine, insert } = newSpine(never, boundaries);
    insert([1, 1]);
    const one = { batch: batchOf([[2, 1]]), file: undefined };
    expect(() => spine.insert({ ...one, lower: 0, upper: 2 })).toThrow("in order (5)");
    expect(() => spine.insert({ ...one, lower: 1, upper: 1 })).toThrow("in order (5)");
    insert([2, 1]);
    spine.beginAll();
    boundaries.hold(1);
    expect(() => spine.work(Infinity)).toThrow("across a boundary (5)");
  });

  it("lets go of its merges when it is frozen or cleared, and begins none while it is", () => {
    const { spine, insert } = newSpine(never);
    insert([1, 1]);
    insert([2, 1]);
    spine.beginAll();
    const [merge] = spine.merges;
    spine.freeze();
    spine.beginAll();
    expect([spine.merges.size, merge!.spine]).toEqual([0, undefined]);
    spine.unfreeze();
    spine.beginAll();
    expect(spine.merges.size).toBe(1);
    spine.clear();
    expect([spine.merges.size, spine.entries.length, spine.rows]).toEqual([0, 0, 0]);
  });

  it("counts rows and merges with the batches that it takes over", () => {
    const { spine, insert } = newSpine(tiered({ fanout: 2 }));
    insert([1, 1]);
    insert([1, 1]);
    spine.work(Infinity);
    const other = newSpine(never).spine;
    other.adopt(spine);
    expect([other.merged, other.rows]).toEqual([{ merges: 1, rowsIn: 2, rowsOut: 1 }, 1]);
    expect([spine.merged, spine.rows]).toEqual([{ merges: 0, rowsIn: 0, rowsOut: 0 }, 0]);
  });

  it("merges batches that have come back to it from a spine that gave their merge up", () => {
    const boundaries = boundariesAt(2);
    const { spine, insert } = newSpine(never, boundaries);
    insert([1, 1]);
    insert([2, 1]);
    spine.beginAll();
    const other = newSpine(never, boundaries).spine;
    other.adopt(spine);
    other.freeze();
    other.split(2, spine);
    spine.beginAll();
    expect(spine.merges.size).toBe(1);
    spine.work(Infinity);
    expect(spine.entries.map(({ lower, upper }) => [lower, upper])).toEqual([[0, 2]]);
  });

  it("L2 holds few batches whatever has been inserted", () => {
    const { spine, insert } = newSpine(tiered());
    let most = 0;
    for (let i = 0; i < 1000; i++) {
      insert([i, 1], [i * 7, 1]);
      spine.work(8);
      most = Math.max(most, spine.entries.length);
    }
    spine.work(Infinity);
    expect(most).toBeLessThan(40);
    expect(spine.entries.length).toBeLessThan(12);
    expect(totalWeight(spine)).toBe(2000);
  });
});
