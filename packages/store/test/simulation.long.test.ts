import { describe, it } from "vitest";
import { runSeed } from "./simulated-seed.ts";

const SEEDS = 1000;

describe("a simulated store", () => {
  it(`answers as the reference does in random programs of seeds 1 to ${SEEDS}, every second one with faults`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await runSeed(seed);
  });
});
