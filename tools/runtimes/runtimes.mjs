// @ts-check
// The runtimes that tests are run in, and where each is found. Deno and Bun are among the packages of the repository.
// Node's other versions are packages of npm as well, one for each platform, of which nothing but their binary is used; they
// are fetched when they are asked for, to node_modules/.cache, for each is 200 MB.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { root } from "../project.mjs";

/**
 * @typedef {object} Runtime
 * @property {string} name as results and commands have it
 * @property {string} title as the table has it
 * @property {import("./features.mjs").Kind} kind
 * @property {string} command that runs it
 * @property {string} version what is fetched, or for Deno and Bun what the lockfile says; empty for a browser, which is
 *   the machine's
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  ...["20.20.2", "22.23.3", "24.21.0", "26.10.0"].map((version) => {
    const major = version.split(".")[0] ?? "";
    return /** @type {const} */ ({
      name: `node-${major}`,
      title: `Node ${major}`,
      kind: "node",
      command: `npm run test:node ${major}`,
      version,
    });
  }),
  {
    name: "deno",
    title: "Deno",
    kind: "deno",
    command: "npm run test:deno",
    version: versionOfPackage("deno"),
  },
  { name: "bun", title: "Bun", kind: "bun", command: "npm run test:bun", version: versionOfPackage("bun") },
  { name: "chromium", title: "Chromium", kind: "chromium", command: "npm run test:browser", version: "" },
];

/** Where the binary is in the package of a platform, without `.exe`. */
const BINARIES = { deno: "deno", bun: "bin/bun" };
/** What the install script makes, where npm runs such. */
const INSTALLED = { deno: "node_modules/deno/deno", bun: "node_modules/bun/bin/bun.exe" };
/** How a runtime runs a file; without `--bun` the workers of vitest would be Node's. */
const ARGS = { node: [], deno: ["run", "-A"], bun: ["--bun"] };
const FETCH_MS = 300_000;

/** @param {string} name */
function versionOfPackage(name) {
  const manifest = `${root}node_modules/${name}/package.json`;
  return existsSync(manifest)
    ? /** @type {string} */ (JSON.parse(readFileSync(manifest, "utf8")).version)
    : "";
}

/**
 * Where the binary of Deno or Bun may be, the most certain first. Where npm runs no install scripts, the package of the
 * platform is there, and what the script would have made of it is not.
 * @param {"deno" | "bun"} kind
 * @param {readonly string[]} platforms the packages that hold it, one for each platform
 * @returns {string[]}
 */
export function candidatesOf(kind, platforms) {
  const ofPlatforms = platforms.map((platform) => `node_modules/${platform}/${BINARIES[kind]}`);
  return [...ofPlatforms, ...ofPlatforms.map((path) => `${path}.exe`), INSTALLED[kind]];
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
 * The package of npm that holds Node for a platform.
 * @param {string} platform as `process.platform` tells it
 * @param {string} arch as `process.arch` tells it
 */
export function packageOfNode(platform, arch) {
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

/**
 * The binary of a version of Node: the one that runs this, where its major version is that; else what npm has, fetched once.
 * @param {string} version
 */
function findNode(version) {
  if (process.versions.node.split(".")[0] === version.split(".")[0]) return process.execPath;
  const name = packageOfNode(process.platform, process.arch);
  const folder = `${root}node_modules/.cache/zspine-node/${version}`;
  const binary = `${folder}/node_modules/${name}/bin/node${process.platform === "win32" ? ".exe" : ""}`;
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const args = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    console.log(`fetching ${name} ${version}`);
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    spawnSync(npm, [...args, "--prefix", folder, `${name}@${version}`], {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: FETCH_MS,
      shell: process.platform === "win32",
    });
  }
  return versionOf(binary) === version ? binary : undefined;
}

/** @param {"deno" | "bun"} kind */
function findPackaged(kind) {
  const manifest = `${root}node_modules/${kind}/package.json`;
  /** @type {{ version?: string, optionalDependencies?: Record<string, string> }} */
  const { version, optionalDependencies = {} } = existsSync(manifest)
    ? JSON.parse(readFileSync(manifest, "utf8"))
    : {};
  return candidatesOf(kind, Object.keys(optionalDependencies))
    .map((path) => root + path)
    .filter((path) => existsSync(path))
    .find((path) => versionOf(path) === version);
}

/**
 * How a runtime is started, and which version of it is here; ends the process where it is not, or does not run.
 * @param {string} name of any but a browser
 */
export function requireRuntime(name) {
  const runtime = RUNTIMES.find((one) => one.name === name);
  if (runtime === undefined || runtime.kind === "chromium") {
    const names = RUNTIMES.filter(({ kind }) => kind !== "chromium").map((one) => one.name.replace("-", " "));
    console.error(`error: expected one of ${names.join(", ")}, found "${name.replace("-", " ")}"`);
    return process.exit(2);
  }
  const { kind, title, version } = runtime;
  const path = kind === "node" ? findNode(version) : findPackaged(kind);
  const found = path === undefined ? undefined : versionOf(path);
  if (path === undefined || found === undefined) {
    const advice = kind === "node" ? "npm has to be able to fetch it" : `npm ci, or npm rebuild ${name}`;
    console.error(`error: ${title} ${version} is not here, or does not run; nothing was tested: ${advice}`);
    return process.exit(1);
  }
  return { path, args: ARGS[kind], version: found, kind, title };
}
