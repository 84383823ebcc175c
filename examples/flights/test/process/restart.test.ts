import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProgram } from "../../../../packages/store/test/crash/bundle-program.ts";
import { findingsOf } from "../findings.ts";
import { seededRandom } from "../seeded-random.ts";
import { runProcess, type SignalPlan } from "./job-process.ts";

// The real process: killed at seeded moments and started again, it must find out what it does when left alone.

const ROWS = ["--rows", "70000"];
const KILLS = 5;
const SEED = 2001;

const folder = mkdtempSync(join(tmpdir(), "zspine-restart-"));
let program: string;
let uninterrupted: string;

beforeAll(async () => {
  // The program reads its usage from the directory above its own.
  copyFileSync(new URL("../../usage.txt", import.meta.url), join(folder, "usage.txt"));
  const own = join(folder, "program");
  mkdirSync(own);
  program = await bundleProgram(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), own);
  const { output, exitCode } = await runProcess(program, [...ROWS, "--backend", "memory"]);
  expect(exitCode).toBe(0);
  uninterrupted = findingsOf(output);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The last day that the output names as done: a commit was acknowledged before. */
function lastDay(output: string): string {
  return output.match(/^\d{4}-\d\d-\d\d(?= )/gm)?.at(-1) ?? "";
}

/** The day after which a process went on; none when it began. */
function firstDay(output: string): string {
  return /^Resumed after (\S+),/.exec(output)?.[1] ?? "";
}

describe.each(["file", "level"])("the job over %s", (backend) => {
  const args = [...ROWS, "--backend", backend, "--state", join(folder, backend)];

  it(`C13 finds out the same when it is killed ${KILLS} times, and resumes each time (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const plan = (round: number): SignalPlan => {
      // Lines: 2 when a day is done, 1 when the state is open, 0 while it starts.
      const lines = 2 - (round % 3);
      return { signal: "SIGKILL", lines, afterMs: Math.floor(random() * (lines === 0 ? 600 : 150)) };
    };
    let done = "";
    let kills = 0;
    let resumed = 0;
    for (let round = 0; round < 2 * KILLS && kills < KILLS; round++) {
      const { signal, output, errors } = await runProcess(program, args, plan(round));
      expect(errors).toBe("");
      if (output !== "") expect(firstDay(output) >= done).toBe(true);
      if (firstDay(output) !== "") resumed++;
      done = [done, firstDay(output), lastDay(output)].sort().at(-1)!;
      if (signal === "SIGKILL") kills++;
    }
    const { output, exitCode } = await runProcess(program, args);
    const earlier = await runProcess(program, [...args, "--as-of", "2001-01-02"]);

    expect(kills).toBe(KILLS);
    expect(resumed).toBeGreaterThan(0);
    expect(firstDay(output) >= done).toBe(true);
    expect(findingsOf(output)).toBe(uninterrupted);
    expect(output).toContain("Check: PASS");
    expect(exitCode).toBe(0);
    expect(earlier.output).toContain("Check: PASS");
  });
});

it("the job ends after the current day at Ctrl+C, says how to go on, and does", async () => {
  const args = [...ROWS, "--state", join(folder, "interrupted")];
  const interrupted = await runProcess(program, args, { signal: "SIGINT", lines: 1, afterMs: 0 });
  const rest = await runProcess(program, args);

  expect(interrupted).toMatchObject({ exitCode: 130, signal: null, errors: "" });
  expect(interrupted.output).toMatch(/Interrupted after 2001-01-\d\d, head .*run the same command again/);
  expect(rest.output).toContain("Resumed after 2001-01-");
  expect(findingsOf(rest.output)).toBe(uninterrupted);
});
