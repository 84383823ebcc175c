// @ts-check
// `npm run test:browser`: runs in Chromium the tests of what runs anywhere, and those of what only a browser has. What of
// `npm test` is no part of it is declared in tools/check-browser-tests.mjs, and counted here. `--install` fetches a browser
// where there is none.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exclusions, testsInBrowser } from "./check-browser-tests.mjs";
import { requireChromium } from "./chromium.mjs";
import { isMain, root } from "./project.mjs";

/** @param {number} count */
const files = (count) => `${count} test file${count === 1 ? "" : "s"}`;

if (isMain(import.meta.url)) {
  const rest = process.argv.slice(2);
  const chromium = requireChromium({ mayInstall: rest.includes("--install") });
  const { status, stdout } = spawnSync(chromium, ["--version"], { encoding: "utf8", timeout: 30_000 });
  if (status !== 0) {
    console.error(`error: ${chromium} does not run here; nothing was tested`);
    process.exit(1);
  }
  const { included, excluded } = testsInBrowser();
  console.log(`${stdout.trim()}: ${files(included.length)}`);
  const declared = exclusions.map(({ reason, tests }) => ({ reason, count: tests.length }));
  const others = excluded.length - declared.reduce((sum, { count }) => sum + count, 0);
  for (const { reason, count } of [...declared, { reason: "is of a package over a disk", count: others }]) {
    console.log(`not in a browser: ${files(count)}: ${reason}`);
  }
  const profile = mkdtempSync(join(tmpdir(), "zspine-chromium-"));
  const vitest = spawnSync(
    process.execPath,
    [
      `${root}node_modules/vitest/vitest.mjs`,
      "run",
      "--config=vitest.browser.config.ts",
      ...rest.filter((argument) => argument !== "--install"),
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        // What is random has its full number of seeds in Node.
        ZSPINE_SEEDS: "5",
        ...process.env,
        ZSPINE_CHROMIUM: chromium,
        ZSPINE_CHROMIUM_PROFILE: profile,
      },
    },
  );
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.exitCode = vitest.status ?? 1;
}
