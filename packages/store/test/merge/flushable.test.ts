import { z } from "zod";
import { IndexedZSet } from "@zspine/core";
import { Batch, Slot, type HomeIdentity } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { findFlushable } from "../../src/merge/flushable.ts";

const identity: HomeIdentity = { writer: 1, batch: 1, number: 0 };

/** Batches: each letter one of two slots; `w` written, `u` used by a look-up, `m` in a merge, `.` none of it. */
function batchesOf(kinds: string) {
  return [...kinds].map((kind, number) => {
    const rows = [0, 1].map((key) => ({ key: key + number, value: 0 }));
    const { batch } = IndexedZSet.from(z.int32(), z.int32(), rows);
    const slots = rows.map((_, row) =>
      Slot.of(IndexedZSet.from(z.int32(), z.int32(), [rows[row]!]).batch.parts[0]!),
    );
    const [first, second] = slots as [Slot, Slot];
    if (kind === "u") first.heat = 1;
    const fence = { part: second.part!, row: 0 };
    const home = { blob: "b", blobBytes: 1, offset: 0, length: 1, checksum: 0, filterLength: 0, identity };
    if (kind === "w") second.settle(home, fence, fence);
    return { batch: new Batch(batch.layout, slots), isMerging: kind === "m" };
  });
}

describe("findFlushable()", () => {
  it.each([
    ["", undefined],
    [".", undefined],
    ["..", [0, 2]],
    ["w.w.w", undefined],
    ["..w...", [3, 6]],
    ["...u..", [0, 3]],
    ["..m..", [0, 2]],
    ["wwww", undefined],
  ])("R12 finds of %j the longest run that is unwritten, unused and in no merge", (kinds, range) => {
    const found = findFlushable(batchesOf(kinds));
    expect(found && [found.from, found.to]).toEqual(range);
    if (found !== undefined) expect(found.bytes).toBeGreaterThan(0);
  });
});
