import { describe, it } from "vitest";
import { runSeed } from "./simulated-seed.ts";

// Those before run in the short test.
const FIRST = 151;
const LAST = 1000;

describe("a simulated store", () => {
  it(`answers as the reference does in random programs of seeds ${FIRST} to ${LAST}, every second one with faults`, async () => {
    for (let seed = FIRST; seed <= LAST; seed++) await runSeed(seed);
  });
});
