// @ts-check
// Installs the dependencies when they are missing or not those of package-lock.json. Runs before node_modules
// exists, so it imports nothing but Node itself. A stamp in node_modules holds the hash of the lockfile that
// was installed; `--stamp` only writes it (after an `npm install` by hand).

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isMain, root } from "./project.mjs";

const stampPath = `${root}node_modules/.zspine-lock-hash`;
const lockPath = `${root}package-lock.json`;
const oldestNode = [20, 19];

function lockHash() {
  return createHash("sha256").update(readFileSync(lockPath)).digest("hex");
}

function writeStamp() {
  if (existsSync(`${root}node_modules`)) writeFileSync(stampPath, lockHash());
}

/**
 * Whether a version of Node, such as "20.19.1", runs this project.
 * @param {string} version
 */
export function isNodeSupported(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** @param {readonly string[]} args */
function npm(args) {
  // Under `npm run` npm tells its own path, which spares a search for it.
  const npmCli = process.env["npm_execpath"];
  const options = { cwd: root, stdio: /** @type {const} */ ("inherit") };
  return npmCli
    ? spawnSync(process.execPath, [npmCli, ...args], options).status
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" }).status;
}

/** Installs what the lockfile names unless that is installed already; ends the process when it cannot. */
export function setup() {
  if (!isNodeSupported(process.versions.node)) {
    console.error(`zspine needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (existsSync(stampPath) && readFileSync(stampPath, "utf8") === lockHash()) return;
  console.log("Installing dependencies (npm ci) …");
  // `npm ci` refuses a lockfile that names too few packages for other platforms; `npm install` makes do with it.
  if (npm(["ci"]) !== 0 && npm(["install", "--no-save"]) !== 0) process.exit(1);
  writeStamp();
}

if (isMain(import.meta.url)) {
  if (process.argv.includes("--stamp")) writeStamp();
  else setup();
}
