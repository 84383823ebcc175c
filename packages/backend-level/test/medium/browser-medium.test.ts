import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src", import.meta.url));

/** What a source file imports, and what those files do. */
function importsOf(path: string, found = new Set<string>()): Set<string> {
  for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(/\bfrom "([^"]+)"/g)) {
    const isNew = !found.has(specifier);
    found.add(specifier);
    if (isNew && specifier.startsWith(".")) importsOf(join(dirname(path), specifier), found);
  }
  return found;
}

describe("the entry for browsers", () => {
  it("imports nothing of Node, nor what does", () => {
    const packages = [...importsOf(join(source, "index.browser.ts"))].filter((name) => !name.startsWith("."));
    expect(packages.sort()).toEqual(["@zspine/core", "level"]);
  });
});
