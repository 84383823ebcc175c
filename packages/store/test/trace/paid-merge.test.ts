import { z } from "zod";
import { IndexedZSet } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { PaidMerge } from "../../src/trace/paid-merge.ts";

type PaidSpine = Parameters<PaidMerge["pay"]>[1][number];

const MEGABYTE = 2 ** 20;

/** A spine of batches of so many rows, which lie in so many bytes each; counts how often all of it is merged. */
function spineOf(rows: readonly number[], bytes: number, isMerging = false) {
  const begun = { times: 0 };
  const identity = { writer: 1, batch: 1, number: 0 };
  const entries = rows.map((count) => {
    const columns = {
      key: Int32Array.from({ length: count }, (_, key) => key),
      value: new Int32Array(count),
    };
    const { batch } = IndexedZSet.fromColumns(z.int32(), z.int32(), columns);
    const fence = { part: batch.parts[0]!, row: 0 };
    const home = {
      blob: "b",
      blobBytes: bytes,
      offset: 0,
      length: bytes,
      checksum: 0,
      filterLength: 0,
      identity,
    };
    batch.slots[0]!.settle(home, fence, fence);
    return { batch };
  });
  const spine = {
    entries,
    merges: new Set(isMerging ? [{}] : []),
    rows: rows.reduce((sum, count) => sum + count, 0),
    beginAll: () => void begun.times++,
  } as unknown as PaidSpine;
  return { spine, begun };
}

describe("PaidMerge", () => {
  it("R12 begins a merge of all when look-ups have brought eight times its bytes, and not before", () => {
    const { spine, begun } = spineOf([100, 100, 100], MEGABYTE);
    const paid = new PaidMerge();
    let brought = 0;
    for (; begun.times === 0 && brought < 100 * MEGABYTE; brought += MEGABYTE / 4)
      expect(paid.pay(MEGABYTE / 4, [spine], 8)).toBe(brought + MEGABYTE / 4 >= 24 * MEGABYTE);
    expect([begun.times, brought]).toEqual([1, 24 * MEGABYTE]);
    for (; begun.times === 1 && brought < 100 * MEGABYTE; brought += MEGABYTE / 4)
      paid.pay(MEGABYTE / 4, [spine], 8);
    expect([begun.times, brought]).toEqual([2, 48 * MEGABYTE]);
  });

  it.each([
    ["one batch", spineOf([100], 1000), 0],
    ["batches of which one has nearly all rows", spineOf([300, 50, 50], 1000), 0],
    ["more batches than may be read at a time", spineOf([10, 10, 10, 10, 10, 10, 10, 10, 10], 1000), 0],
    ["batches that are being merged", spineOf([100, 100], 1000, true), 0],
    ["batches of like rows", spineOf([100, 100], 1000), 1],
    ["none", spineOf([], 1000), 0],
  ])("R12 of %s", (_what, { spine, begun }, times) => {
    expect(new PaidMerge().pay(100 * MEGABYTE, [spine], 8)).toBe(times > 0);
    expect(begun.times).toBe(times);
  });
});
