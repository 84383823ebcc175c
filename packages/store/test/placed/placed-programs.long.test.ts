import { describe, expect, it } from "vitest";
import { runPlacedSeed } from "./placed-programs.ts";

const SEEDS = 600;

describe("a simulated durable store whose memory is placed", () => {
  it(`R4 R6 R14 answers, and is after each crash, as if all were in memory, in programs of seeds 81 to ${SEEDS}`, async () => {
    const told = { looks: 0, pressed: 0 };
    for (let seed = 81; seed <= SEEDS; seed++) await runPlacedSeed(seed, told);
    expect(told.pressed).toBeGreaterThan(SEEDS);
  });
});
