// @ts-check
import { expect, test } from "vitest";
import { functionsOf, importsOf, parse, testTitlesOf } from "../syntax.mjs";

test("importsOf() lists imports, re-exports, types and dynamic imports with their lines", () => {
  const text = `import a from "a";\nimport type { B } from "b";\nexport { c } from "c";\nconst d = import("d");\n`;
  expect(importsOf(text)).toEqual(
    ["a", "b", "c", "d"].map((specifier, index) => ({ specifier, line: index + 1 })),
  );
});

test("functionsOf() counts lines without the docstring", () => {
  const text = `/**\n * Does.\n */\nexport function does(): void {\n  a();\n}\nconst b = () => 1;\n`;
  expect(functionsOf(parse("a.ts", text))).toEqual([
    { name: "does", line: 4, docLine: 1, lines: 3 },
    { name: "a function", line: 7, docLine: 7, lines: 1 },
  ]);
});

test("testTitlesOf() leaves out calls that are no tests", () => {
  const text = `test("a", f); it.each\`x\`("b", f); expect("c"); attest("d"); suite.test("e", f);`;
  expect(testTitlesOf(parse("a.ts", text))).toEqual(["a", "b", "e"]);
});

test("testTitlesOf() takes the names of cases, and not of other objects", () => {
  const text = `[{ name: "a", run() {} }, { name: "b", isSeeded: true, run: f }, { name: "c" }, { name, run }];`;
  expect(testTitlesOf(parse("a.ts", text))).toEqual(["a", "b"]);
});
