// @ts-check
import { expect, test } from "vitest";
import { runnableBlocks, stripTypes } from "../check-readme.mjs";

test("runnableBlocks() takes the blocks marked `ts run` and keeps their line numbers", () => {
  const markdown = "# Title\n\n```ts\nnot();\n```\n\n```ts run\nyes();\n```\n";
  expect(runnableBlocks(markdown)).toEqual([{ line: 8, code: "\n\n\n\n\n\n\nyes();\n" }]);
});

test("stripTypes() leaves a program that Node 20 runs, with `using` lowered", () => {
  const code = stripTypes("const a: number = 1;\n{ await using b = open(a); }\n");
  expect(code).not.toMatch(/: number|await using/);
});
