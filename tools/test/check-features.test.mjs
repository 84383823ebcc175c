// @ts-check
import { expect, test } from "vitest";
import { checkFeatures, parseFeatures } from "../check-features.mjs";

const table = `Stages reached: foundation

| id | feature | check | stage | status |
| --- | --- | --- | --- | --- |
| A1 | coalescing | pairs \\| twice | foundation | tested |
| A10 | blind writes | | foundation, durable | tested |
| C1 | reopen | | durable | planned |
`;

/** @param {string} text */
const errorsOf = (text) => checkFeatures(table, new Map([["packages/core/test/a.test.ts", text]])).errors;

test("parseFeatures() reads stages and status, also beside an escaped bar", () => {
  expect(parseFeatures(table)).toEqual({
    reached: ["foundation"],
    rows: [
      { id: "A1", feature: "coalescing", stages: ["foundation"], status: "tested" },
      { id: "A10", feature: "blind writes", stages: ["foundation", "durable"], status: "tested" },
      { id: "C1", feature: "reopen", stages: ["durable"], status: "planned" },
    ],
  });
});

test("checkFeatures() finds ids in titles of tests, groups, tables of tests and suites", () => {
  expect(errorsOf(`test("A1: sums", () => {}); describe.each([1])(\`A10 on \${x}\`, () => {});`)).toEqual([]);
  expect(errorsOf(`runner.test("insert() sums (A1, A10)", run);`)).toEqual([]);
});

test("checkFeatures() takes an id only as a whole word of a title", () => {
  expect(errorsOf(`// A1\ntest("A10", () => expect("A1"));`)).toEqual([
    "docs/features.md: no test title has A1 (coalescing)",
  ]);
});

test("checkFeatures() refuses a status that differs from the stages reached", () => {
  const { errors } = checkFeatures(
    table.replace("| planned |", "| tested |"),
    new Map([["a", `it("A1 A10")`]]),
  );
  expect(errors).toEqual(["docs/features.md: C1 is tested, should be planned"]);
});
