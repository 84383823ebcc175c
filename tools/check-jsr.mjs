// @ts-check
// JSR: each package has a jsr.json that says what its package.json says, made of it: `--write` makes them. `--dry-run` has
// Deno do all that publishing to JSR does but the publishing: in a copy that is a workspace, so that packages of ours are
// found beside each other, and what they depend on in node_modules. It asks no registry for anything.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, packageFolders, readText, report, root } from "./project.mjs";
import { requireRuntime } from "./runtimes/runtimes.mjs";

/** What a package of npm says of itself. @typedef {{ name: string, version: string, license: string, exports: Record<string, string | Record<string, string | Record<string, string>>>, dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }} Manifest */

/** A program, which is run by npx. */
const NOT_ON_JSR = ["cli"];

/** @param {string} folder @returns {Manifest} */
const manifestOf = (folder) => JSON.parse(readText(`packages/${folder}/package.json`));

/**
 * The manifest for JSR: sources are published, and what they import says from where it comes.
 * @param {Manifest} manifest
 */
export function jsrOf({ name, version, license, exports, dependencies = {}, peerDependencies = {} }) {
  const sources = Object.entries(exports).flatMap(([path, conditions]) => {
    const source = typeof conditions === "string" ? undefined : conditions["@zspine/source"];
    const file = typeof source === "object" ? source["default"] : source;
    return file === undefined ? [] : [[path, file]];
  });
  const imports = Object.entries({ ...peerDependencies, ...dependencies })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([other, range]) => [other, `${other.startsWith("@zspine/") ? "jsr" : "npm"}:${other}@${range}`]);
  return {
    name,
    version,
    license,
    exports: Object.fromEntries(sources),
    imports: Object.fromEntries(imports),
    publish: { include: ["src", "README.md", "LICENSE"] },
  };
}

/** @param {string} folder */
const textOf = (folder) => `${JSON.stringify(jsrOf(manifestOf(folder)), undefined, 2)}\n`;

/** @param {readonly string[]} folders @returns {string | undefined} what was wrong */
function dryRun(folders) {
  const { path: deno } = requireRuntime("deno");
  const copy = mkdtempSync(join(tmpdir(), "zspine-jsr-"));
  try {
    for (const folder of folders) {
      for (const part of ["src", "README.md", "LICENSE", "jsr.json"])
        cpSync(`${root}packages/${folder}/${part}`, join(copy, folder, part), { recursive: true });
    }
    const workspace = { workspace: folders.map((folder) => `./${folder}`), nodeModulesDir: "manual" };
    symlinkSync(`${root}node_modules`, join(copy, "node_modules"), "junction");
    writeFileSync(join(copy, "deno.json"), JSON.stringify(workspace));
    // Types are checked by tsc, with the options that they are written for; that those of what is exported are written down is not.
    const { status, stdout, stderr } = spawnSync(
      deno,
      ["publish", "--dry-run", "--allow-dirty", "--no-check"],
      {
        cwd: copy,
        encoding: "utf8",
        timeout: 300_000,
        env: { ...process.env, NO_COLOR: "1" },
      },
    );
    return status === 0 ? undefined : `${stdout}\n${stderr}`.trim();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  const folders = packageFolders().filter((folder) => !NOT_ON_JSR.includes(folder));
  const stale = folders.filter((folder) => readText(`packages/${folder}/jsr.json`) !== textOf(folder));
  const isWriting = process.argv.includes("--write");
  if (isWriting)
    for (const folder of stale) writeFileSync(`${root}packages/${folder}/jsr.json`, textOf(folder));
  const errors = isWriting
    ? []
    : stale.map(
        (folder) =>
          `packages/${folder}/jsr.json: is not what its package.json says; run node tools/check-jsr.mjs --write`,
      );
  if (errors.length === 0 && process.argv.includes("--dry-run")) {
    const failure = dryRun(folders.filter((folder) => existsSync(`${root}packages/${folder}/jsr.json`)));
    if (failure !== undefined) errors.push(failure);
  }
  report("jsr", { errors });
}
