// @ts-check
// `npm test`: installs what is not up to date, then runs vitest with the arguments given.

import { spawnSync } from "node:child_process";
import { root } from "./project.mjs";
import { setup } from "./setup.mjs";

setup();
const vitest = spawnSync(
  process.execPath,
  [`${root}node_modules/vitest/vitest.mjs`, "run", ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = vitest.status ?? 1;
