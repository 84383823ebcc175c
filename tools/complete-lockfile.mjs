// @ts-check
// Names in package-lock.json the optional packages for other platforms that npm left out. npm leaves out what the
// registry in use does not have, and then `npm ci` refuses the lockfile it wrote (https://github.com/npm/cli/issues/9846).
// Runs after `npm install`; `--check` only tells what is missing.

import { readFileSync, writeFileSync } from "node:fs";
import { isMain, report, root } from "./project.mjs";

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} Locked
 * @typedef {{ packages: Record<string, Locked> }} Lockfile
 */

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/**
 * The platform that a package's name tells, as `@oxlint/binding-linux-x64-musl` does; undefined when it tells none.
 * @param {string} name
 * @returns {Pick<Locked, "os" | "cpu" | "libc"> | undefined}
 */
export function platformOf(name) {
  const parts = (name.split("/").at(-1) ?? "").replace("windows", "win32").replace(/-64$/, "-x64").split("-");
  const system = systems.find((candidate) => parts.includes(candidate));
  const processor = processors.find((candidate) => parts.includes(candidate));
  if (system === undefined || processor === undefined) return undefined;
  const libc = parts.includes("musl")
    ? ["musl"]
    : system === "linux" && parts.includes("gnu")
      ? ["glibc"]
      : undefined;
  return { cpu: [processor], ...(libc && { libc }), os: [system] };
}

/**
 * The entries that the lockfile lacks, by their place in it.
 * @param {Lockfile} lockfile
 * @returns {Map<string, Locked>}
 */
export function missingEntries({ packages }) {
  const missing = new Map();
  for (const [place, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      const isLocked = `node_modules/${name}` in packages || `${place}/node_modules/${name}` in packages;
      if (isLocked || !platform || !/^\d/.test(version)) continue;
      const { os, cpu, libc } = platform;
      const entry = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
      missing.set(`node_modules/${name}`, entry);
    }
  }
  return missing;
}

/**
 * The lockfile with what it lacked, in npm's order.
 * @param {Lockfile} lockfile
 * @returns {Lockfile}
 */
export function completeLockfile(lockfile) {
  const packages = Object.entries({ ...lockfile.packages, ...Object.fromEntries(missingEntries(lockfile)) });
  packages.sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lockfile, packages: Object.fromEntries(packages) };
}

if (isMain(import.meta.url)) {
  const path = `${root}package-lock.json`;
  const lockfile = /** @type {Lockfile} */ (JSON.parse(readFileSync(path, "utf8")));
  const missing = [...missingEntries(lockfile).keys()];
  if (process.argv.includes("--check")) {
    report("lockfile", {
      errors: missing.map((place) => `package-lock.json lacks ${place}; run \`npm install\``),
    });
  } else if (missing.length > 0) {
    writeFileSync(path, `${JSON.stringify(completeLockfile(lockfile), undefined, 2)}\n`);
    console.log(`package-lock.json: named ${missing.length} packages for other platforms`);
  }
}
