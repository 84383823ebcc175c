import { expect, it } from "vitest";
import { runDurable, runInMemory } from "./executor-programs.ts";

// Those before run in the short test.
const FIRST = 21;
const LAST = 60;

it(`answers of a store in memory do not depend on who merges, in programs of seeds ${FIRST} to ${LAST}`, async () => {
  const { pauses } = await runInMemory(FIRST, LAST);
  expect(pauses).toBeGreaterThan((LAST - FIRST) / 2);
});

it(`C3 C14 a durable store is after each restart what the last acknowledged commit left, whoever merges and fails at it, in programs of seeds ${FIRST} to ${LAST}`, async () => {
  const { pauses, failures } = await runDurable(FIRST, LAST);
  expect(Math.min(pauses, failures)).toBeGreaterThan((LAST - FIRST) / 2);
});
