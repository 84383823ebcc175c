import { Batch } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { Merge } from "../../src/merge/merge.ts";
import { MemorySink } from "../../src/tier/batch-sink.ts";
import { layout, owner, slotsOf, writtenBatch } from "../tier/written-batch.ts";

describe("Merge", () => {
  it("is hungry until it is fed, and goes on then", async () => {
    const { batch, loader } = await writtenBatch(20_000);
    // With the same rows, so that nothing can be carried over.
    const merge = new Merge(owner, [batch, new Batch(layout, slotsOf(20_000))], new MemorySink(layout));
    let meals = 0;
    while (!merge.isDone) {
      if (merge.work(Infinity) > 0 && !merge.isDone) {
        expect(merge.isHungry).toBe(true);
        await merge.feed(loader);
        meals++;
      }
      expect(merge.isHungry).toBe(false);
    }
    expect(meals).toBeGreaterThan(0);
    expect([merge.made!.batch.length, merge.made!.batch.totalWeight]).toEqual([20_000, 40_000]);
  });
});
