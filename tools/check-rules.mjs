// @ts-check
// Runs every check of the repository's own rules: `npm run check:rules`.

import { spawnSync } from "node:child_process";
import { root } from "./project.mjs";

for (const check of [
  "layers",
  "files",
  "plugins",
  "features",
  "manifests",
  "jsr",
  "browser-tests",
  "pages",
]) {
  const result = spawnSync(process.execPath, [`${root}tools/check-${check}.mjs`], { stdio: "inherit" });
  if (result.status !== 0) process.exitCode = 1;
}
