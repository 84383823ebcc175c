import { describe, expect, it } from "vitest";
import { Boundaries } from "../../src/merge/boundaries.ts";

describe("Boundaries", () => {
  it("tells what is held between places, each for as long as somebody holds it", () => {
    const boundaries = new Boundaries();
    for (const place of [5, 3, 9, 5]) boundaries.hold(place);
    expect(boundaries.size).toBe(3);
    expect(boundaries.between(3, 9)).toEqual([5]);
    expect(boundaries.between(2, 10)).toEqual([3, 5, 9]);
    expect([boundaries.hasWithin(4, 4), boundaries.hasWithin(4, 5), boundaries.hasWithin(10, 99)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(boundaries.release(5)).toBe(false);
    expect(boundaries.hasWithin(5, 5)).toBe(true);
    expect(boundaries.release(5)).toBe(true);
    expect(boundaries.hasWithin(4, 8)).toBe(false);
  });
});
