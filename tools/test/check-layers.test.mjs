// @ts-check
import { expect, test } from "vitest";
import { checkCycles, checkLayers } from "../check-layers.mjs";

const architecture = `
\`\`\`packages
core:
store: core core/engine
store/conformance: core store conformance
conformance: core
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
    "packages/backend-level/src/level/c.ts:1: imports node:fs; a browser is led here, so nothing of Node",
  ]);
});

test("checkLayers() allows a subpath only where it is named, and a folder what its own line says", () => {
  const errors = errorsOf({
    "packages/store/src/store/a.ts": `import "@zspine/core/engine"; import "@zspine/conformance";`,
    "packages/store/src/conformance/b.ts": `import "@zspine/conformance"; import "@zspine/store";`,
    "packages/store/src/conformance/suite/c.ts": `import "@zspine/core/engine";`,
    "packages/backend-level/src/index.ts": `import "@zspine/core/engine";`,
  });
  expect(errors).toEqual([
    "packages/store/src/store/a.ts:1: imports @zspine/conformance; store may import core, core/engine",
    expect.stringContaining("suite/c.ts:1: imports @zspine/core/engine; store may import core, store"),
    expect.stringContaining("packages/backend-level/src/index.ts:1: imports @zspine/core/engine"),
  ]);
});

test("checkCycles() tells the shortest way round once, inside a folder, across folders, and of types only", () => {
  const files = new Map([
    ["packages/a/src/x/one.ts", `import "./two.ts";`],
    ["packages/a/src/x/two.ts", `import type { One } from "./one.ts"; import "../y/three.ts";`],
    ["packages/a/src/y/three.ts", `import "../y/four.ts";`],
    ["packages/a/src/y/four.ts", `export { five } from "../z/five.ts";`],
    ["packages/a/src/z/five.ts", `import "../y/three.ts";`],
    ["packages/a/src/z/six.ts", `import "./five.ts"; import "zod";`],
  ]);
  expect(checkCycles(files).errors).toEqual([
    expect.stringContaining("packages/a/src/x/one.ts → packages/a/src/x/two.ts: a circle"),
    expect.stringContaining(
      "packages/a/src/y/four.ts → packages/a/src/z/five.ts → packages/a/src/y/three.ts: a circle",
    ),
  ]);
});

test("checkCycles() lets a known circle through, and names one that is gone", () => {
  const files = new Map([
    ["packages/a/src/one.ts", `import "./two.ts";`],
    ["packages/a/src/two.ts", `import "./one.ts";`],
  ]);
  const known = "packages/a/src/one.ts → packages/a/src/two.ts";
  expect(checkCycles(files, [known]).errors).toEqual([]);
  expect(checkCycles(new Map(), [known]).errors).toEqual([expect.stringContaining("is no circle any more")]);
});
