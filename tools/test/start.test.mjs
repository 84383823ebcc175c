// @ts-check
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../project.mjs";

test.each(["--help", "-h"])("npm start -- %s answers before anything is installed or built", (argument) => {
  // Where neither npm nor turbo can be found, nor any other program.
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}tools/start.mjs`, argument], {
    encoding: "utf8",
    env: { PATH: "" },
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Usage: npm start -- \[options\]/);
});
