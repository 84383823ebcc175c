// @ts-check
import { expect, test } from "vitest";
import { isPlain, runnableBlocks, stripTypes } from "../check-readme.mjs";

test("runnableBlocks() takes the blocks marked `ts run` and keeps their line numbers", () => {
  const markdown = "# Title\n\n```ts\nnot();\n```\n\n```ts run\nyes();\n```\n";
  expect(runnableBlocks(markdown)).toEqual([{ line: 8, code: "\n\n\n\n\n\n\nyes();\n" }]);
});

test("stripTypes() leaves a program that Node 20 runs, with `using` lowered", () => {
  const code = stripTypes("const a: number = 1;\n{ await using b = open(a); }\n");
  expect(code).not.toMatch(/: number|await using/);
});

test("isPlain() takes programs that every Node reads as they stand, and none with types or `using`", () => {
  expect(isPlain(`import a from "a";\nlet b = await a();\nfor (const c of b) console.log(c);\n`)).toBe(true);
  for (const code of [
    "const a: number = 1;",
    "const a = b as string;",
    "interface A {}",
    `import { type A, b } from "a";`,
    "{ await using a = open(); }",
    "{ using a = open(); }",
    "const a = ;",
  ])
    expect(isPlain(code), code).toBe(false);
});
