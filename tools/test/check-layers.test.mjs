// @ts-check
import { expect, test } from "vitest";
import { checkLayers } from "../check-layers.mjs";

const architecture = `
\`\`\`packages
core:
store: core
backend-*: core
\`\`\`

\`\`\`layers core
error
hash
\`\`\`
`;

/** @param {Record<string, string>} files */
const errorsOf = (files) => checkLayers(new Map(Object.entries(files)), architecture).errors;

test("checkLayers() accepts imports of folders and packages above", () => {
  const errors = errorsOf({
    "packages/core/src/index.ts": `export { a } from "./hash/a.ts";`,
    "packages/core/src/hash/a.ts": `import { z } from "zod"; import { b } from "./b.ts"; import { e } from "../error/e.ts";`,
    "packages/backend-level/src/index.ts": `import "@zspine/core"; import "node:fs"; import "./level.ts";`,
  });
  expect(errors).toEqual([]);
});

test("checkLayers() names the line when a folder imports one below it, also of types only", () => {
  const errors = errorsOf({ "packages/core/src/error/e.ts": `\nimport type { A } from "../hash/a.ts";` });
  expect(errors).toEqual([
    "packages/core/src/error/e.ts:2: imports ../hash/a.ts; hash is not above error in ARCHITECTURE.md",
  ]);
});

test("checkLayers() refuses a folder's import of the index, a folder not listed, and a way out of src", () => {
  const errors = errorsOf({
    "packages/core/src/error/e.ts": `import "../index.ts"; await import("../../test/e.ts");`,
    "packages/core/src/extra/x.ts": `import "../error/e.ts";`,
  });
  expect(errors).toEqual([
    expect.stringContaining("imports ../index.ts"),
    expect.stringContaining("outside of packages/core/src"),
    expect.stringContaining("packages/core/src/extra: list the folder"),
  ]);
});

test("checkLayers() refuses a package that is not allowed, one not listed, and Node where browsers run", () => {
  const errors = errorsOf({
    "packages/core/src/index.ts": `export * from "@zspine/store"; import "node:fs";`,
    "packages/other/src/index.ts": `import "zod";`,
  });
  expect(errors).toEqual([
    expect.stringContaining("core may import no package of ours"),
    expect.stringContaining("imports node:fs"),
    expect.stringContaining("packages/other: name it in the packages block"),
  ]);
});

test("checkLayers() refuses Node in a file that an index.browser.ts leads to, and nowhere else of its package", () => {
  const errors = errorsOf({
    "packages/backend-level/src/index.browser.ts": `export { a } from "./level/a.ts";`,
    "packages/backend-level/src/index.ts": `import "./disk/b.ts";`,
    "packages/backend-level/src/level/a.ts": `import type { C } from "../level/c.ts";`,
    "packages/backend-level/src/level/c.ts": `import "node:fs";`,
    "packages/backend-level/src/disk/b.ts": `import "node:fs";`,
  });
  expect(errors).toEqual([
    "packages/backend-level/src/level/c.ts:1: imports node:fs; an index.browser.ts leads here, so nothing of Node",
  ]);
});
