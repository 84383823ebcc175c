import { expect, it } from "vitest";
import { agreeOn } from "./agreement.ts";
import { runTemporal } from "./temporal-programs.ts";

// The seeds of the short test are not repeated; for more of them, `ZSPINE_SEEDS=200`.
const FIRST = 101;
const SEEDS = Number(process.env["ZSPINE_SEEDS"] ?? 2);

it(`R4 R5 R6 R14 MT8 programs over memory, file, level, and hybrid over both are told the same, of ${SEEDS} seeds from ${FIRST}`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) await agreeOn(seed, 60);
});

it(`R4 R5 R6 R14 F7 programs of temporal traces under budgets answer as the oracle over every medium, of ${SEEDS} seeds from ${FIRST}`, async () => {
  let pressed = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) pressed += (await runTemporal(seed, 50)).pressed;
  expect(pressed).toBeGreaterThan(0);
});
