import { describe, it } from "vitest";
import { runSeed } from "./durable-seed.ts";

const SEEDS = 600;

describe("a simulated durable store", () => {
  it(`C3 C14 C1 after each crash and restart is what the last acknowledged commit left, or one in doubt after it, in programs of seeds 1 to ${SEEDS}`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await runSeed(seed);
  });
});
