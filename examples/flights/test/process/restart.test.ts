import { join } from "node:path";
import { expect, it } from "vitest";
import { findingsOf } from "../findings.ts";
import { runProcess } from "./job-process.ts";
import { bundledJob, ROWS } from "./killed-job.ts";

const jobOf = bundledJob();

it("the job ends after the current day at Ctrl+C, says how to go on, and does", async () => {
  const { folder, program, uninterrupted } = jobOf();
  const args = [...ROWS, "--state", join(folder, "interrupted")];
  const interrupted = await runProcess(program, args, { signal: "SIGINT", lines: 1, afterMs: 0 });
  const rest = await runProcess(program, args);

  expect(interrupted).toMatchObject({ exitCode: 130, signal: null, errors: "" });
  expect(interrupted.output).toMatch(/Interrupted after 2001-01-\d\d, head .*run the same command again/);
  expect(rest.output).toContain("Resumed after 2001-01-");
  expect(findingsOf(rest.output)).toBe(uninterrupted);
});
