import { describe, expect, it } from "vitest";
import { agreeOn } from "./agreement.ts";
import { runTemporal } from "./temporal-programs.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/backend-hybrid/test/store/agreement.test.ts`.
const FIRST = Number(process.env["ZSPINE_SEED"] ?? 1);
const only = process.env["ZSPINE_SEED"] !== undefined;
const LAST = only ? FIRST : Number(process.env["ZSPINE_SEEDS"] ?? 1);

describe("programs over memory, file, level, and hybrid over both, kept or not", () => {
  it(`R4 R5 R6 R14 MT8 are told the same, whatever fails, of seeds ${FIRST} to ${LAST}`, async () => {
    const total = { spills: 0, loads: 0, failures: 0 };
    for (let seed = FIRST; seed <= LAST; seed++) {
      const met = await agreeOn(seed, 40);
      for (const [name, { spills, loads, failures }] of Object.entries(met)) {
        if (!name.startsWith("hybrid")) continue;
        total.spills += spills;
        total.loads += loads;
        total.failures += failures;
      }
    }
    if (!only) expect(Math.min(total.spills, total.loads, total.failures)).toBeGreaterThan(5 * LAST);
  });
});

describe("programs of temporal traces under budgets", () => {
  it(`R4 R5 R6 R14 F7 answer as the oracle over every medium, of seeds ${FIRST} to ${LAST}`, async () => {
    let pressed = 0;
    for (let seed = FIRST; seed <= LAST; seed++) pressed += (await runTemporal(seed, 40)).pressed;
    if (!only) expect(pressed).toBeGreaterThan(LAST);
  });
});
