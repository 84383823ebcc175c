import { describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "@zspine/core";
import { Batch, Slot, Staging, withTime } from "@zspine/core/engine";
import { halfOf } from "../../src/lens/half-time.ts";

const layout = withTime(layoutOf(z.int32(), z.int32()));

/** A batch with a slot for each list of times. */
function batchOf(...slots: readonly (readonly number[])[]): Batch {
  let key = 0;
  return new Batch(
    layout,
    slots.map((times) => {
      const staging = new Staging(layout);
      for (const time of times) staging.push(key++, { value: 1, time }, 1);
      return Slot.of(staging.seal()[0]!);
    }),
  );
}

describe("halfOf()", () => {
  it("is in the middle of the times of one slot", () => {
    expect(halfOf(batchOf([0, 3, 10]))).toBe(5);
    expect(halfOf(batchOf([-11, -3]))).toBe(-7);
  });

  it("is not put off by one row of a time far away, but in its own slot", () => {
    expect(halfOf(batchOf([0, 10], [0, 10], [0, Number.MAX_SAFE_INTEGER]))).toBe(8);
  });

  it("passes over slots of one time, which are folded, and is never where they are half of all", () => {
    expect(halfOf(batchOf([4, 4], [0, 10], [0, 10], [0, 10]))).toBe(7);
    expect(halfOf(batchOf([4, 4, 4], [0, 10]))).toBe(Infinity);
    expect(halfOf(batchOf([4]))).toBe(Infinity);
  });

  it("finds its way between the least and the greatest of times", () => {
    const half = halfOf(batchOf([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]));
    expect(Math.abs(half)).toBeLessThanOrEqual(2);
  });
});
