import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProgram } from "../../../../packages/store/test/crash/bundle-program.ts";
import { findingsOf } from "../findings.ts";
import { seededRandom } from "../seeded-random.ts";
import { runProcess, type SignalPlan } from "./job-process.ts";

export const ROWS = ["--rows", "70000"];
const SEED = 2001;

/** The program as a process runs it, and what it finds out when it is left alone. */
export interface Job {
  readonly folder: string;
  readonly program: string;
  readonly uninterrupted: string;
}

/** Bundles the program before the tests of a file, and runs it once; to be asked for within a test. */
export function bundledJob(): () => Job {
  const folder = mkdtempSync(join(tmpdir(), "zspine-restart-"));
  let job: Job;
  beforeAll(async () => {
    // The program reads its usage from the directory above its own.
    copyFileSync(new URL("../../usage.txt", import.meta.url), join(folder, "usage.txt"));
    const own = join(folder, "program");
    mkdirSync(own);
    const program = await bundleProgram(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), own);
    const { output, exitCode } = await runProcess(program, [...ROWS, "--backend", "memory"]);
    expect(exitCode).toBe(0);
    job = { folder, program, uninterrupted: findingsOf(output) };
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return () => job;
}

/** The last day that the output names as done: a commit was acknowledged before. */
function lastDay(output: string): string {
  return output.match(/^\d{4}-\d\d-\d\d(?= )/gm)?.at(-1) ?? "";
}

/** The day after which a process went on; none when it began. */
function firstDay(output: string): string {
  return /^Resumed after (\S+),/.exec(output)?.[1] ?? "";
}

/** A group of tests: the job over a backend is killed so many times at seeded moments, and started again. */
export function killedJob(jobOf: () => Job, backend: string, kills: number): void {
  describe(`the job over ${backend}`, () => {
    it(`C13 finds out the same when it is killed ${kills} times, and resumes each time (seed ${SEED})`, async () => {
      const { folder, program, uninterrupted } = jobOf();
      const args = [...ROWS, "--backend", backend, "--state", join(folder, backend)];
      const random = seededRandom(SEED);
      const plan = (round: number): SignalPlan => {
        // Lines: 2 when a day is done, 1 when the state is open, 0 while it starts.
        const lines = 2 - (round % 3);
        return { signal: "SIGKILL", lines, afterMs: Math.floor(random() * (lines === 0 ? 600 : 150)) };
      };
      let done = "";
      let killed = 0;
      let resumed = 0;
      for (let round = 0; round < 2 * kills && killed < kills; round++) {
        const { signal, output, errors } = await runProcess(program, args, plan(round));
        expect(errors).toBe("");
        if (output !== "") expect(firstDay(output) >= done).toBe(true);
        if (firstDay(output) !== "") resumed++;
        done = [done, firstDay(output), lastDay(output)].sort().at(-1)!;
        if (signal === "SIGKILL") killed++;
      }
      const { output, exitCode } = await runProcess(program, args);
      const earlier = await runProcess(program, [...args, "--as-of", "2001-01-02"]);

      expect(killed).toBe(kills);
      expect(resumed).toBeGreaterThan(0);
      expect(firstDay(output) >= done).toBe(true);
      expect(findingsOf(output)).toBe(uninterrupted);
      expect(output).toContain("Check: PASS");
      expect(exitCode).toBe(0);
      expect(earlier.output).toContain("Check: PASS");
    });
  });
}
