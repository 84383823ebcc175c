import { expect, it } from "vitest";
import { runCase } from "../../src/command/run-case.ts";
import { Fixture } from "../../src/data/fixture.ts";
import type { Effort } from "../../src/measure/measure.ts";
import type { Subject, Trial } from "../../src/measure/trial.ts";

const effort: Effort = {
  warmUpRuns: 0,
  warmUpMs: 0,
  targetMs: 1,
  iterationsMin: 2,
  iterationsMax: 2,
  otherMs: 1000,
};
const right: Subject = { run: () => 7 };
const wrong: Subject = { run: () => 8 };

function runTrial(trial: Partial<Trial>): ReturnType<typeof runCase> {
  const complete: Trial = { rows: 1, checksum: 1, verify: () => 1, answer: 7, zspine: right, ...trial };
  return runCase({ name: "sum", open: () => complete }, new Fixture("int", 100), effort);
}

it("runCase() measures a benchmark whose answers are right", async () => {
  const result = await runTrial({ plain: right });
  expect(result).toMatchObject({ name: "sum", n: 100, keys: "int", iterations: 2, checksum: "00000001" });
  expect(result.timesFasterThanPlain).toBeGreaterThan(0);
});

it.each([
  {
    what: "the checksum is wrong",
    trial: { verify: () => 2 },
    says: "checksum 2, of the naive computation 1",
  },
  {
    what: "a run's answer is wrong",
    trial: { zspine: wrong },
    says: "zspine answered 8, the naive computation 7",
  },
  { what: "plain JavaScript's is", trial: { plain: wrong }, says: "plain JavaScript answered 8" },
])("runCase() fails when $what, and closes", async ({ trial, says }) => {
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
  };
  await expect(runTrial({ ...trial, close })).rejects.toThrow(`sum, int keys, 100 rows: ${says}`);
  expect(isClosed).toBe(true);
});
