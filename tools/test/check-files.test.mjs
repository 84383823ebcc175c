// @ts-check
import { expect, test } from "vitest";
import { checkFiles } from "../check-files.mjs";

/**
 * @param {string} path
 * @param {string} text
 */
const check = (path, text) => checkFiles(new Map([[path, text]]));

/** @param {number} lines */
const functionOf = (lines) => `function long() {\n${"  step();\n".repeat(lines - 2)}}\n`;

test("checkFiles() accepts a file that keeps the rules", () => {
  expect(check("packages/core/src/a/a.ts", functionOf(70))).toEqual({ errors: [], warnings: [] });
});

test("checkFiles() refuses names that say nothing", () => {
  expect(check("packages/core/src/a/utils.ts", "").errors).toEqual([
    "packages/core/src/a/utils.ts: name the file after what is in it",
  ]);
});

test("checkFiles() refuses `export *` and work left to do", () => {
  const { errors } = check("packages/core/src/index.ts", `export * from "./a.ts";\n// ${"TO"}DO: more\n`);
  expect(errors).toEqual([
    "packages/core/src/index.ts:1: name what is exported, no `export *`",
    `packages/core/src/index.ts:2: ${"TO"}DO is left in the source`,
  ]);
});

test("checkFiles() asks about 301 lines and refuses 501", () => {
  expect(check("packages/core/src/a.ts", "a();\n".repeat(301)).warnings).toHaveLength(1);
  expect(check("packages/core/src/a.ts", "a();\n".repeat(501)).errors).toEqual([
    "packages/core/src/a.ts: 501 lines, at most 500",
  ]);
});

test("checkFiles() refuses a function of 71 lines unless the line above gives a reason", () => {
  const text = functionOf(71);
  expect(check("packages/core/src/a.ts", text).errors).toEqual([
    expect.stringContaining("packages/core/src/a.ts:1: long has 71 lines"),
  ]);
  expect(check("packages/core/src/a.ts", `// long: one case per type\n${text}`).errors).toEqual([]);
  expect(check("packages/core/src/a.ts", `// long: one case per type\n/** Does. */\n${text}`).errors).toEqual(
    [],
  );
  expect(check("packages/core/src/a.ts", `// long:\n${text}`).errors).toHaveLength(1);
});

test("checkFiles() refuses tests that leave others or themselves out", () => {
  const text = `test.${"only"}("a", () => {});\ndescribe.concurrent.${"skip"}("b", () => {});\ncursor.skip(3);\n`;
  expect(check("packages/core/test/a.test.ts", text).errors).toEqual([
    "packages/core/test/a.test.ts:1: .only leaves tests out",
    "packages/core/test/a.test.ts:2: .skip leaves tests out",
  ]);
});
