// @ts-check
// Files: names that say what is inside, explicit exports, lengths that a person reads in one sitting, nothing
// left to do, and no test left out.

import { basename } from "node:path";
import { isMain, readFiles, report } from "./project.mjs";
import { functionsOf, parse } from "./syntax.mjs";

const fileLinesMax = 500;
const fileLinesAsked = 300;
const functionLinesMax = 70;
const emptyNames = new Set(["utils.ts", "helpers.ts", "common.ts", "types.ts"]);

/** @param {import("./project.mjs").Files} files sources and tests of packages, examples and the benchmark */
export function checkFiles(files) {
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const warnings = [];
  for (const [path, text] of files) {
    if (emptyNames.has(basename(path))) errors.push(`${path}: name the file after what is in it`);
    if (/\/src\//.test(path)) checkSource(path, text, errors);
    if (/^packages\/[^/]+\/src\//.test(path)) checkLengths(path, text, errors, warnings);
    if (/\/test\//.test(path)) checkTest(path, text, errors);
  }
  return { errors, warnings };
}

/**
 * @param {string} path
 * @param {string} text
 * @param {string[]} errors
 */
function checkSource(path, text, errors) {
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*export\s*\*/.test(line))
      errors.push(`${path}:${index + 1}: name what is exported, no \`export *\``);
    const left = /\b(TODO|FIXME|XXX)\b/.exec(line)?.[1];
    if (left) errors.push(`${path}:${index + 1}: ${left} is left in the source`);
  }
}

/**
 * @param {string} path
 * @param {string} text
 * @param {string[]} errors
 * @param {string[]} warnings
 */
function checkLengths(path, text, errors, warnings) {
  const lines = text.trimEnd().split("\n");
  if (lines.length > fileLinesMax) errors.push(`${path}: ${lines.length} lines, at most ${fileLinesMax}`);
  else if (lines.length > fileLinesAsked) warnings.push(`${path}: ${lines.length} lines, is it one noun?`);
  for (const found of functionsOf(parse(path, text))) {
    if (found.lines <= functionLinesMax) continue;
    const hasReason = [found.line, found.docLine].some((line) =>
      /^\s*\/\/ long: \S/.test(lines[line - 2] ?? ""),
    );
    if (hasReason) continue;
    const limit = `${functionLinesMax} or \`// long: <reason>\` on the line above`;
    errors.push(`${path}:${found.line}: ${found.name} has ${found.lines} lines, at most ${limit}`);
  }
}

/**
 * @param {string} path
 * @param {string} text
 * @param {string[]} errors
 */
function checkTest(path, text, errors) {
  for (const [index, line] of text.split("\n").entries()) {
    const left = /\b(?:test|it|describe|suite)(?:\.\w+)*?\.(only|skip)\b/.exec(line)?.[1];
    if (left) errors.push(`${path}:${index + 1}: .${left} leaves tests out`);
  }
}

if (isMain(import.meta.url)) {
  const folders = ["packages", "examples", "bench", "tools"];
  report("files", checkFiles(readFiles(folders, /\/(src|test)\/.*\.(ts|mjs)$/)));
}
