import { describe, expect, it } from "vitest";
import { runSeed } from "./durable-seed.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/durable-simulation.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? Number(process.env["ZSPINE_SEEDS"] ?? 40) : first;

describe("a simulated durable store", () => {
  it(`C3 C14 C1 after each crash and restart is what the last acknowledged commit left, or one in doubt after it, in programs of seeds ${first} to ${last}`, async () => {
    let compared = 0;
    for (let seed = first; seed <= last; seed++) compared += (await runSeed(seed)).holds.compared;
    // So that it is seen that the programs come to what holds are for.
    if (only === undefined) expect(compared).toBeGreaterThan((last - first + 1) * 3);
  });

  it("takes the same course when it runs again from the same seed", async () => {
    for (const seed of [2, 3, 40]) {
      const [a, b] = [await runSeed(seed), await runSeed(seed)];
      expect([a.environment.digest, a.environment.steps]).toEqual([
        b.environment.digest,
        b.environment.steps,
      ]);
    }
  });
});
