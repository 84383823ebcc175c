import { describe, expect, it } from "vitest";
import { runSeed } from "./simulated-seed.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/simulation.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? 150 : first;

describe("a simulated store", () => {
  it(`answers as the reference does in random programs of seeds ${first} to ${last}, every second one with faults`, async () => {
    for (let seed = first; seed <= last; seed++) await runSeed(seed);
  });

  it("takes the same course when it runs again from the same seed", async () => {
    for (const seed of [2, 3]) {
      const [a, b] = [await runSeed(seed), await runSeed(seed)];
      expect(a.environment.digest).toBe(b.environment.digest);
      expect(a.environment.steps).toBe(b.environment.steps);
    }
  });
});
