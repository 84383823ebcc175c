// @ts-check
// Pages of which a part is made of something else: the codes of errors of their source, what backends can do of what they
// declare, and runtimes of what was run in them. Fails where a page is not what it would be now; `--write` makes it so.

import { writeFileSync } from "node:fs";
import prettier from "prettier";
import { capabilityTable } from "./pages/capability-table.mjs";
import { ERRORS_SOURCE, errorTable } from "./pages/error-table.mjs";
import { isMain, packageFolders, readFiles, readText, report, root } from "./project.mjs";
import { FEATURES } from "./runtimes/features.mjs";
import { checkResults, readResults, runtimeTable } from "./runtimes/results.mjs";

/** What is made, by the name in `<!-- generated: NAME -->`, and the page that has it. */
const PARTS = {
  errors: { page: "docs/guides/errors.md", make: () => errorTable(readText(ERRORS_SOURCE)) },
  capabilities: {
    page: "docs/guides/backends.md",
    make: () =>
      capabilityTable(readFiles(["packages"], /^packages\/backend-[\w-]+\/test\/capabilities\.ts$/)),
  },
  runtimes: { page: "docs/guides/runtimes.md", make: () => runtimeTable(readResults()) },
};

/**
 * Puts a part into a page, between its marks.
 * @param {string} page its text
 * @param {string} name
 * @param {string} part
 * @throws an error where the page has no such marks
 */
export function withPart(page, name, part) {
  const start = `<!-- generated: ${name} -->`;
  const end = "<!-- /generated -->";
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`expected ${start} and ${end} in the page`);
  return `${page.slice(0, from + start.length)}\n\n${part}\n\n${page.slice(to)}`;
}

/**
 * The packages that no feature of runtimes.md stands for, and whose tests so run in no other runtime.
 * @param {readonly string[]} folders the names of the folders in packages/
 */
export function packagesWithoutFeature(folders) {
  return folders.filter((folder) => !FEATURES.some(({ place }) => place === `packages/${folder}/`));
}

if (isMain(import.meta.url)) {
  const isWriting = process.argv.includes("--write");
  const errors = [
    ...checkResults(readResults()),
    ...packagesWithoutFeature(packageFolders()).map(
      (folder) => `packages/${folder}: is no feature in tools/runtimes/features.mjs`,
    ),
  ];
  for (const [name, { page, make }] of Object.entries(PARTS)) {
    const before = readText(page);
    const options = { ...(await prettier.resolveConfig(root + page)), filepath: page };
    const after = await prettier.format(withPart(before, name, await make()), options);
    if (before === after) continue;
    if (isWriting) writeFileSync(root + page, after);
    else errors.push(`${page}: is not what it is made of; run node tools/check-pages.mjs --write`);
  }
  report("pages", { errors });
}
