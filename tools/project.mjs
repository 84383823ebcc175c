// @ts-check
// What the tools share: where the repository is, its files as a map from path to text, and how to report.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const notSource = new Set(["node_modules", "dist", "coverage", "site", ".turbo"]);

/** @typedef {ReadonlyMap<string, string>} Files Text by path; paths are relative to the root, with `/`. */

/**
 * Reads every file under `folders` whose path matches `pattern`.
 * @param {readonly string[]} folders
 * @param {RegExp} pattern
 * @returns {Files}
 */
export function readFiles(folders, pattern) {
  const files = new Map();
  /** @param {string} folder */
  const walk = (folder) => {
    if (!existsSync(root + folder)) return;
    for (const entry of readdirSync(root + folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !notSource.has(entry.name)) walk(path);
      else if (entry.isFile() && pattern.test(path)) files.set(path, readFileSync(root + path, "utf8"));
    }
  };
  for (const folder of folders) walk(folder);
  return files;
}

/**
 * Reads one file; an empty text when there is none.
 * @param {string} path
 */
export function readText(path) {
  return existsSync(root + path) ? readFileSync(root + path, "utf8") : "";
}

/** The names of the folders in packages/, sorted. */
export function packageFolders() {
  return readdirSync(`${root}packages`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${root}packages/${entry.name}/package.json`))
    .map((entry) => entry.name)
    .toSorted();
}

/**
 * Prints what a check found and sets the exit code when there are errors.
 * @param {string} check
 * @param {{ errors: readonly string[], warnings?: readonly string[] }} found
 */
export function report(check, { errors, warnings = [] }) {
  for (const warning of warnings) console.log(`warning: ${warning}`);
  for (const error of errors) console.error(`error: ${error}`);
  console.log(`${check}: ${errors.length === 0 ? "ok" : `${errors.length} errors`}`);
  if (errors.length > 0) process.exitCode = 1;
}

/**
 * Whether the module at `url` is the one that Node was started with.
 * @param {string} url
 */
export function isMain(url) {
  return process.argv[1] === fileURLToPath(url);
}
