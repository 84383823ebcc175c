import { expect, it } from "vitest";
import { runDurable, runInMemory } from "./executor-programs.ts";

// One seed of a failing program: `ZSPINE_SEED=123 npx vitest run packages/store/test/merge/executor-programs.test.ts`.
const only = process.env["ZSPINE_SEED"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? 20 : first;

it(`answers of a store in memory do not depend on who merges, in programs of seeds ${first} to ${last}`, async () => {
  const { pauses } = await runInMemory(first, last);
  if (only === undefined) expect(pauses).toBeGreaterThan(last / 2);
});

it(`C3 C14 a durable store is after each restart what the last acknowledged commit left, whoever merges and fails at it, in programs of seeds ${first} to ${last}`, async () => {
  const { pauses, failures } = await runDurable(first, last);
  if (only === undefined) expect(Math.min(pauses, failures)).toBeGreaterThan(last / 2);
});
