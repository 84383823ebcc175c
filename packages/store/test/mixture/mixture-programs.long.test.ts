import { expect, it } from "vitest";
import { runDurable, runInMemory, runSteps } from "./mixture-programs.ts";

// Those before run in the short test.
const FIRST = 26;
const LAST = 65;
const STEPS = 5000;

it(`answers of a store in memory do not depend on where its slots are, in programs of seeds ${FIRST} to ${LAST}`, async () => {
  const { spill, drop, load } = await runInMemory(FIRST, LAST);
  expect(Math.min(spill, drop, load)).toBeGreaterThan(LAST - FIRST);
});

it(`C3 C14 a durable store is after each crash and restart what the last acknowledged commit left, wherever its slots were, in programs of seeds ${FIRST} to ${LAST}`, async () => {
  const { spill, drop, load } = await runDurable(FIRST, LAST);
  expect(Math.min(spill, drop, load)).toBeGreaterThan(LAST - FIRST);
});

it(`a store whose slots are moved agrees with a reference over ${STEPS} random steps`, async () => {
  await expect(runSteps(STEPS)).resolves.toBeUndefined();
});
