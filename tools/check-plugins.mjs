// @ts-check
// Plugins: every backend and serializer calls its suite of @zspine/conformance, in a test of at most 15 lines.

import { isMain, packageFolders, readFiles, report } from "./project.mjs";
import { importsOf } from "./syntax.mjs";

const linesMax = 15;

/**
 * @param {readonly string[]} folders the names of the folders in packages/
 * @param {import("./project.mjs").Files} files their tests
 */
export function checkPlugins(folders, files) {
  /** @type {string[]} */
  const errors = [];
  for (const folder of folders.filter((name) => /^(backend|serializer)-/.test(name))) {
    const path = `packages/${folder}/test/conformance.test.ts`;
    const text = files.get(path);
    if (text === undefined) {
      errors.push(`${path}: is missing; a plugin is proved by its suite`);
      continue;
    }
    const lines = text.trimEnd().split("\n").length;
    if (lines > linesMax) errors.push(`${path}: ${lines} lines, at most ${linesMax}`);
    if (!importsOf(text).some(({ specifier }) => specifier === "@zspine/conformance")) {
      errors.push(`${path}: does not import @zspine/conformance`);
    }
  }
  return { errors };
}

if (isMain(import.meta.url)) {
  report(
    "plugins",
    checkPlugins(packageFolders(), readFiles(["packages"], /\/test\/conformance\.test\.ts$/)),
  );
}
