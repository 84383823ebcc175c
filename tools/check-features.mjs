// @ts-check
// Features: every row of docs/features.md whose stage is reached has a test with the row's id in its title.

import { isMain, readFiles, readText, report } from "./project.mjs";
import { parse, testTitlesOf } from "./syntax.mjs";

/**
 * Reads the line `Stages reached: …` and the rows `| id | feature | check | stage | status |`.
 * @param {string} markdown
 */
export function parseFeatures(markdown) {
  const reached = words(/^Stages reached:(.*)$/m.exec(markdown)?.[1] ?? "");
  const rows = [...markdown.matchAll(/^\|\s*([A-Z]\d+)\s*\|(.*)\|\s*$/gm)].map(([, id = "", rest = ""]) => {
    const cells = rest.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { id, feature: cells[0] ?? "", stages: words(cells.at(-2) ?? ""), status: cells.at(-1) ?? "" };
  });
  return { reached, rows };
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function words(text) {
  return [...(text.match(/[\w-]+/g) ?? [])];
}

/**
 * @param {string} markdown the text of docs/features.md
 * @param {import("./project.mjs").Files} tests files in which tests are written
 */
export function checkFeatures(markdown, tests) {
  const { reached, rows } = parseFeatures(markdown);
  const tested = new Set(
    [...tests].flatMap(([path, text]) => testTitlesOf(parse(path, text)).flatMap(words)),
  );
  /** @type {string[]} */
  const errors = [];
  if (rows.length === 0) errors.push("docs/features.md: has no rows");
  for (const { id, feature, stages, status } of rows) {
    const isDue = stages.some((stage) => reached.includes(stage));
    if (isDue && !tested.has(id)) errors.push(`docs/features.md: no test title has ${id} (${feature})`);
    const expected = isDue ? "tested" : "planned";
    if (status !== expected) errors.push(`docs/features.md: ${id} is ${status}, should be ${expected}`);
  }
  return { errors };
}

if (isMain(import.meta.url)) {
  // The suites are tests too: every plugin runs them, and the store its own.
  const tests = readFiles(
    ["packages", "examples"],
    /^(?:(?:packages|examples)\/[^/]+\/test\/.*\.test\.ts|packages\/(?:conformance\/src|store\/src\/conformance)\/.*\.ts)$/,
  );
  report("features", checkFeatures(readText("docs/features.md"), tests));
}
