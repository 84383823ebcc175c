// @ts-check
// `npm test`, `npm run test:long`: installs what is not up to date, then runs vitest with the arguments given, on what is
// done in minutes, or on the files named `*.long.test.ts`.

import { spawnSync } from "node:child_process";
import { root } from "./project.mjs";
import { setup } from "./setup.mjs";

setup();
const isLong = process.argv[2] === "--long";
const vitest = spawnSync(
  process.execPath,
  [`${root}node_modules/vitest/vitest.mjs`, "run", ...process.argv.slice(isLong ? 3 : 2)],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ZSPINE_TESTS: isLong ? "long" : "short",
      ZSPINE_PROCESSES: isLong ? "own" : "shared",
    },
  },
);
process.exitCode = vitest.status ?? 1;
