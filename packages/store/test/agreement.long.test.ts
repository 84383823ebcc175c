import { expect, it } from "vitest";
import { RandomProgram } from "./random-program.ts";

const SEED = 20261122;
const STEPS = 50_000;

it(`a store agrees with a reference over ${STEPS} random steps of seed ${SEED}`, async () => {
  await expect(new RandomProgram(SEED, { steps: STEPS, groups: 2 }).run()).resolves.toBeUndefined();
});
