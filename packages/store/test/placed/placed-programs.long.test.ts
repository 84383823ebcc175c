import { describe, expect, it } from "vitest";
import { runPlacedSeed } from "./placed-programs.ts";

// Those before run in the short test.
const FIRST = 21;
const LAST = 170;

describe("a simulated durable store whose memory is placed", () => {
  it(`R4 R6 R14 answers, and is after each crash, as if all were in memory, in programs of seeds ${FIRST} to ${LAST}`, async () => {
    const told = { looks: 0, pressed: 0 };
    for (let seed = FIRST; seed <= LAST; seed++) await runPlacedSeed(seed, told);
    expect(told.pressed).toBeGreaterThan(LAST - FIRST);
  });
});
