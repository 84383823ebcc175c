import { describe, expect, it } from "vitest";
import { agreeOn } from "./agreement.ts";
import { runTemporal } from "./temporal-programs.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/backend-hybrid/test/store/agreement.test.ts`.
const FIRST = Number(process.env["ZSPINE_SEED"] ?? 1);
const only = process.env["ZSPINE_SEED"] !== undefined;

describe("programs over memory, file, level, and hybrid over both, kept or not", () => {
  it(`R4 R5 R6 R14 MT8 are told the same, whatever fails, of seeds ${FIRST} to ${only ? FIRST : FIRST + 2}`, async () => {
    const total = { spills: 0, loads: 0, failures: 0 };
    for (let seed = FIRST; seed <= (only ? FIRST : FIRST + 2); seed++) {
      const met = await agreeOn(seed, 40);
      for (const [name, { spills, loads, failures }] of Object.entries(met)) {
        if (!name.startsWith("hybrid")) continue;
        total.spills += spills;
        total.loads += loads;
        total.failures += failures;
      }
    }
    if (!only) expect(Math.min(total.spills, total.loads, total.failures)).toBeGreaterThan(20);
  });
});

describe("programs of temporal traces under budgets", () => {
  it(`R4 R5 R6 R14 F7 answer as the oracle over every medium, of seeds ${FIRST} to ${only ? FIRST : FIRST + 2}`, async () => {
    let pressed = 0;
    for (let seed = FIRST; seed <= (only ? FIRST : FIRST + 2); seed++)
      pressed += (await runTemporal(seed, 40)).pressed;
    if (!only) expect(pressed).toBeGreaterThan(3);
  });
});
