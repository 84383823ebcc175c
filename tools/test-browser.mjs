// @ts-check
// `npm run test:browser`: runs in Chromium the tests of what runs anywhere, and those of what only a browser has. What of
// `npm test` is no part of it is declared in tools/check-browser-tests.mjs, and counted here. `--install` fetches a browser
// where there is none, `--record` keeps in docs/runtimes what came of it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exclusions, testsInBrowser } from "./check-browser-tests.mjs";
import { requireChromium } from "./chromium.mjs";
import { isMain, root } from "./project.mjs";
import { runWithResult } from "./runtimes/results.mjs";

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
  const asked = rest.filter((argument) => argument !== "--install" && argument !== "--record");
  const args = [
    `${root}node_modules/vitest/vitest.mjs`,
    "run",
    "--config=vitest.browser.config.ts",
    ...asked,
  ];
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "";
  const run = (/** @type {string} */ path) => {
    const env = {
      // What is random has its full number of seeds in Node.
      ZSPINE_SEEDS: "5",
      ...process.env,
      ZSPINE_CHROMIUM: chromium,
      ZSPINE_CHROMIUM_PROFILE: profile,
      VITEST_JSON_REPORT: path,
    };
    return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env }).status ?? 1;
  };
  const isRecorded = rest.includes("--record") && asked.length === 0;
  process.exitCode = runWithResult("chromium", version, run, { isRecorded });
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
