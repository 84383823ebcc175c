import { describe, it } from "vitest";
import { runSeed } from "./durable-seed.ts";

// Those before run in the short test.
const FIRST = 41;
const LAST = 600;

describe("a simulated durable store", () => {
  it(`C3 C14 C1 after each crash and restart is what the last acknowledged commit left, or one in doubt after it, in programs of seeds ${FIRST} to ${LAST}`, async () => {
    for (let seed = FIRST; seed <= LAST; seed++) await runSeed(seed);
  });
});
