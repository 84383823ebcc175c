import { describe, expect, it } from "vitest";
import type { Occupancy, PlacedBatch, Placement } from "../../src/engine.ts";

/** Moves what was read longest ago until the rest fits the budget. */
const coldestFirst: Placement = {
  name: "coldest first",
  place: ({ bytes }, { residentBytes, budgetBytes }) =>
    residentBytes + bytes <= budgetBytes ? "resident" : "stored",
  move(batches, { residentBytes, budgetBytes }) {
    const cold = batches
      .filter(({ tier }) => tier === "resident")
      .toSorted((a, b) => a.lastReadMs - b.lastReadMs);
    let left = residentBytes;
    return cold.filter(({ bytes }) => {
      if (left <= budgetBytes) return false;
      left -= bytes;
      return true;
    });
  },
};

const batch = (bytes: number, lastReadMs: number): PlacedBatch => ({
  trace: "t",
  rows: bytes,
  bytes,
  tier: "resident",
  level: 0,
  lastReadMs,
  reads: 0,
});
const occupancy = (residentBytes: number): Occupancy => ({
  residentBytes,
  storedBytes: 0,
  budgetBytes: 100,
  pressure: residentBytes / 100,
});

describe("Placement", () => {
  it("says enough to a policy that keeps to a budget and moves the coldest batches", () => {
    expect(coldestFirst.place(batch(40, -Infinity), occupancy(60))).toBe("resident");
    expect(coldestFirst.place(batch(41, -Infinity), occupancy(60))).toBe("stored");
    const [cold, warm, never] = [batch(30, 1), batch(60, 2), batch(30, -Infinity)];
    expect(coldestFirst.move([cold, warm, never], occupancy(120))).toEqual([never]);
    expect(coldestFirst.move([cold, warm, never], occupancy(140))).toEqual([never, cold]);
    expect(coldestFirst.move([cold, { ...warm, tier: "stored" }, never], occupancy(60))).toEqual([]);
  });
});
