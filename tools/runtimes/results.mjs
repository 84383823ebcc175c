// @ts-check
// What a run found of each feature, as a small file in docs/runtimes, and the table that is made of all of them.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { readFiles, root } from "../project.mjs";
import { FEATURES } from "./features.mjs";
import { RUNTIMES } from "./runtimes.mjs";

/**
 * How many tests of a feature came to what.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * @typedef {object} Result
 * @property {string} runtime
 * @property {string} version
 * @property {string} platform
 * @property {Readonly<Record<string, Counts>>} features by the place of their tests
 */

/** What is read of the report of vitest. @typedef {{ testResults: readonly { name: string, status: string, assertionResults: readonly { status: string }[] }[] }} Report */

/**
 * Counts the tests of a report by feature. A file that could not be loaded counts as a test that failed.
 * @param {Report} report
 * @param {string} folder the root of the repository, with a slash at its end
 * @returns {Record<string, Counts>}
 */
export function countByFeature({ testResults }, folder) {
  /** @type {Record<string, Counts>} */
  const counts = {};
  for (const { place } of FEATURES) {
    const files = testResults.filter(({ name }) => pathOf(name, folder).startsWith(place));
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const { status, assertionResults } of files) {
      if (status === "failed" && assertionResults.every((test) => test.status !== "failed")) count.failed++;
      for (const test of assertionResults) {
        if (test.status === "passed" || test.status === "failed") count[test.status]++;
        else count.skipped++;
      }
    }
    counts[place] = count;
  }
  return counts;
}

/**
 * @param {string} path
 * @param {string} folder
 */
function pathOf(path, folder) {
  return relative(folder, path).replaceAll("\\", "/");
}

/** @param {string} name of a runtime */
const resultPath = (name) => `docs/runtimes/${name}.json`;

/**
 * Runs what is given with a path for the report of vitest, and says what came of it, feature by feature.
 * @param {string} name
 * @param {string} version
 * @param {(report: string) => number} run returns the exit code
 * @param {{ isRecorded: boolean }} options whether docs/runtimes has the result afterwards
 */
export function runWithResult(name, version, run, { isRecorded }) {
  const given = process.env["VITEST_JSON_REPORT"];
  const path = given ?? `${root}coverage/runtime-${name}.json`;
  rmSync(path, { force: true });
  mkdirSync(`${root}coverage`, { recursive: true });
  const code = run(path);
  /** @type {Report} */
  const report = JSON.parse(readFileSync(path, "utf8"));
  const features = countByFeature(report, root);
  for (const { name: feature, place } of FEATURES) {
    const { passed = 0, failed = 0, skipped = 0 } = features[place] ?? {};
    if (passed + failed + skipped > 0)
      console.log(`${feature}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
  if (isRecorded) {
    /** @type {Result} */
    const result = { runtime: name, version, platform: `${process.platform} ${process.arch}`, features };
    mkdirSync(`${root}docs/runtimes`, { recursive: true });
    writeFileSync(root + resultPath(name), `${JSON.stringify(result, undefined, 2)}\n`);
    console.log(`recorded in ${resultPath(name)}; node tools/check-pages.mjs --write makes the table of it`);
  }
  return code;
}

/** Reads what is recorded. @returns {ReadonlyMap<string, Result>} by runtime */
export function readResults() {
  const files = readFiles(["docs/runtimes"], /\.json$/);
  return new Map(
    [...files.values()].map((text) => {
      /** @type {Result} */
      const result = JSON.parse(text);
      return [result.runtime, result];
    }),
  );
}

/**
 * What is wrong with the results: a runtime without one, or one of another version, a feature that a run did not know.
 * @param {ReadonlyMap<string, Result>} results
 */
export function checkResults(results) {
  /** @type {string[]} */
  const errors = [];
  for (const { name, version, command, kind } of RUNTIMES) {
    const result = results.get(name);
    const path = resultPath(name);
    const again = `run ${command} -- --record`;
    if (result === undefined) {
      errors.push(`${path}: is not there; ${again}`);
      continue;
    }
    if (version !== "" && majorOf(result.version) !== majorOf(version))
      errors.push(`${path}: is of version ${result.version}, and ${version} is run now; ${again}`);
    for (const { place, not } of FEATURES) {
      const counts = result.features[place];
      if (counts === undefined) errors.push(`${path}: says nothing of ${place}; ${again}`);
      else if (counts.failed > 0) errors.push(`${path}: ${counts.failed} tests of ${place} failed`);
      else if (counts.passed === 0 && not?.[kind] === undefined)
        errors.push(
          `${path}: nothing of ${place} was run; ${again}, or say why not in tools/runtimes/features.mjs`,
        );
    }
  }
  return errors;
}

/** @param {string} version */
const majorOf = (version) => version.split(".")[0];

/**
 * The table, in Markdown: features down, runtimes across, in each cell how many tests passed.
 * @param {ReadonlyMap<string, Result>} results
 */
export function runtimeTable(results) {
  /** @type {string[]} */
  const notes = [];
  /** @param {string} reason */
  const noteOf = (reason) => {
    if (!notes.includes(reason)) notes.push(reason);
    return `no <sup>${notes.indexOf(reason) + 1}</sup>`;
  };
  const rows = FEATURES.map(({ name, place, not }) => {
    const cells = RUNTIMES.map((runtime) => {
      const { passed = 0, failed = 0, skipped = 0 } = results.get(runtime.name)?.features[place] ?? {};
      if (failed > 0) return `${failed} of ${passed + failed} fail`;
      if (passed === 0) return noteOf(not?.[runtime.kind] ?? "was not run");
      return skipped === 0 ? `${passed}` : `${passed}, ${skipped} skipped`;
    });
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  const titles = RUNTIMES.map(({ title, name }) => {
    const { version = "" } = results.get(name) ?? {};
    const [major = "", ...rest] = version.split(".");
    return title.endsWith(` ${major}`) ? `${title}.${rest.join(".")}` : `${title} ${version}`.trim();
  });
  return [
    `| | ${titles.join(" | ")} |`,
    `|---|${"---:|".repeat(titles.length)}`,
    ...rows,
    "",
    ...notes.map((reason, at) => `${at + 1}. ${reason}`),
  ].join("\n");
}
