// @ts-check
// `npm run test:deno`, `npm run test:bun`: runs in another runtime the tests of what touches one (backends,
// locations, serializers, golden bytes) and the suite of stores over memory, files and LevelDB. The runtimes are
// packages of npm. Their binaries come in one more package for each platform, which is looked for first: where npm
// runs no install scripts, it is there, and what the script would have made of it is not.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isMain, root } from "./project.mjs";

/** What runs: parts of the paths of test files. */
const paths = [
  "packages/backend-file/",
  "packages/backend-level/",
  "packages/backend-memory/",
  ...["budget/", "hybrid/", "listeners/", "monitor/", "pressure/", "sense/", "conformance"].map(
    (part) => `packages/backend-hybrid/test/${part}`,
  ),
  // Of those with a whole store the ones that need no process of Node's, nor what Node says of memory.
  "packages/backend-hybrid/test/store/agreement.test.ts",
  "packages/backend-hybrid/test/store/bad-input.test.ts",
  "packages/backend-hybrid/test/store/struck-cold.long.test.ts",
  "packages/backend-hybrid/test/store/shared-budget.long.test.ts",
  "packages/location/",
  "packages/serializer-",
  "packages/core/test/compression/",
  "packages/core/test/key-encoding/",
  "packages/store/test/block/golden",
  "packages/store/test/block/crc32",
  "packages/store/test/diagnostics/",
  "packages/store/test/conformance.long.test.ts",
  "packages/store/test/media.long.test.ts",
  "tools/test/runtime.test.mjs",
];
/**
 * @typedef {object} Runtime
 * @property {string} binary where the binary is in the package of a platform, without `.exe`
 * @property {string} installed what the install script makes
 * @property {readonly string[]} args how vitest is run
 */

/** @type {Readonly<Record<string, Runtime>>} */
const runtimes = {
  deno: { binary: "deno", installed: "node_modules/deno/deno", args: ["run", "-A"] },
  // Without --bun, vitest's workers would be run by Node.
  bun: { binary: "bin/bun", installed: "node_modules/bun/bin/bun.exe", args: ["--bun"] },
};

/**
 * Where the binary of a runtime may be, the most certain first.
 * @param {string} name
 * @param {readonly string[]} platforms the packages that hold it, one for each platform
 * @returns {string[]}
 */
export function candidatesOf(name, platforms) {
  const runtime = runtimes[name];
  if (!runtime) return [];
  const ofPlatforms = platforms.map((platform) => `node_modules/${platform}/${runtime.binary}`);
  return [...ofPlatforms, ...ofPlatforms.map((path) => `${path}.exe`), runtime.installed];
}

/**
 * The version that a binary says it has; undefined when it does not run here.
 * @param {string} path
 */
function versionOf(path) {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 30_000 });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

/**
 * The binary of a runtime, of the version that the lockfile names; ends the process where there is none.
 * @param {string} name
 */
export function findRuntime(name) {
  const manifest = `${root}node_modules/${name}/package.json`;
  /** @type {{ version?: string, optionalDependencies?: Record<string, string> }} */
  const { version, optionalDependencies = {} } = existsSync(manifest)
    ? JSON.parse(readFileSync(manifest, "utf8"))
    : {};
  const found = candidatesOf(name, Object.keys(optionalDependencies))
    .map((path) => root + path)
    .filter((path) => existsSync(path))
    .find((path) => versionOf(path) === version);
  if (found !== undefined) return { path: found, version };
  console.error(
    `error: ${name} ${version ?? ""} is not in node_modules, or does not run here; nothing was tested. ` +
      `Install it: npm ci, or npm rebuild ${name}`,
  );
  return process.exit(1);
}

if (isMain(import.meta.url)) {
  const [name = "", ...rest] = process.argv.slice(2);
  const runtime = runtimes[name];
  if (!runtime) {
    console.error(`error: expected one of ${Object.keys(runtimes).join(", ")}, found "${name}"`);
    process.exit(2);
  }
  const { path, version } = findRuntime(name);
  console.log(`${name} ${version}`);
  const chosen = rest.length > 0 ? rest : paths;
  const vitest = spawnSync(
    path,
    [...runtime.args, `${root}node_modules/vitest/vitest.mjs`, "run", ...chosen],
    {
      cwd: root,
      stdio: "inherit",
      // The seeds are those of the agreement of hybrid, of which the long test has more, for minutes.
      env: { ...process.env, ZSPINE_RUNTIME: name, ZSPINE_TESTS: "all", ZSPINE_SEEDS: "3" },
    },
  );
  process.exitCode = vitest.status ?? 1;
}
