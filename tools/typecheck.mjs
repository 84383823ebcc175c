// @ts-check
// Checks the types of everything. Sources are checked as they are built, each package with the globals that it may
// know; the tests of all are one program after that, for a program of each would parse the same sources thirty times.
// Those of the command line stand apart, for its page brings the types of a browser.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { isMain, packageFolders, root } from "./project.mjs";
import { turbo } from "./turbo.mjs";

const AT_ONCE = 2;

/** The programs to check when all is built: paths of their tsconfig, the longest first. */
function programs() {
  const ofBrowsers = packageFolders()
    .map((name) => `packages/${name}/tsconfig.browser.json`)
    .filter((path) => existsSync(root + path));
  return ["tsconfig.tests.json", "packages/cli/test/tsconfig.json", "tools/tsconfig.json", ...ofBrowsers];
}

/**
 * Runs the compiler over one program; resolves to its exit code.
 * @param {string} config
 * @returns {Promise<number>}
 */
function check(config) {
  const args = [`${root}node_modules/typescript/bin/tsc`, "-p", config];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function main() {
  const built = await turbo(["run", "build"], { quiet: true });
  if (built !== 0) return built;
  const waiting = programs();
  let failed = 0;
  const next = async () => {
    for (let config = waiting.shift(); config !== undefined; config = waiting.shift())
      if ((await check(config)) !== 0) failed++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  console.log(failed === 0 ? "types: ok" : `types: ${failed} programs with errors`);
  return failed === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) process.exitCode = await main();
