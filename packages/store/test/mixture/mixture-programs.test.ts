import { expect, it } from "vitest";
import { runDurable, runInMemory, runSteps } from "./mixture-programs.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/mixture/mixture-programs.test.ts`.
const only = process.env["ZSPINE_SEED"];
const SEEDS = Number(process.env["ZSPINE_SEEDS"] ?? 25);
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? SEEDS : first;
const STEPS = 1500;

it(`answers of a store in memory do not depend on where its slots are, in programs of seeds ${first} to ${last}`, async () => {
  const { spill, drop, load } = await runInMemory(first, last);
  if (only === undefined) expect(Math.min(spill, drop, load)).toBeGreaterThan(SEEDS);
});

it(`C3 C14 a durable store is after each crash and restart what the last acknowledged commit left, wherever its slots were, in programs of seeds ${first} to ${last}`, async () => {
  const { spill, drop, load } = await runDurable(first, last);
  if (only === undefined) expect(Math.min(spill, drop, load)).toBeGreaterThan(SEEDS);
});

it(`a store whose slots are moved agrees with a reference over ${STEPS} random steps`, async () => {
  await expect(runSteps(STEPS)).resolves.toBeUndefined();
});
