// @ts-check
import { expect, test } from "vitest";
import { checkBrowserTests, exclusions, testsInBrowser } from "../check-browser-tests.mjs";
import { findChromium, places } from "../chromium.mjs";

test("testsInBrowser() parts the tests by what is declared", () => {
  const [declared = ""] = exclusions.flatMap(({ tests }) => tests);
  const paths = [`packages/${declared}`, "packages/core/test/a.test.ts", "packages/location/test/b.test.ts"];
  expect(testsInBrowser(paths)).toEqual({ included: [paths[1]], excluded: [paths[0], paths[2]] });
});

test("checkBrowserTests() names the way to Node, through files, but not through types", () => {
  const files = new Map([
    ["packages/a/test/far.test.ts", `import { b } from "./near.ts";`],
    ["packages/a/test/near.ts", `import { c } from "../src/c.ts";`],
    ["packages/a/src/c.ts", `import "node:fs";`],
    ["packages/a/test/type.test.ts", `import type { D } from "node:fs"; const e = process.env["F"];`],
    ["packages/a/test/asks.test.ts", `Buffer.from("");`],
    ["packages/a/test/lazy.test.ts", `await import("@zspine/location");`],
    ["packages/a/test/any.test.ts", `import { isDeepStrictEqual } from "node:util";`],
  ]);
  const { errors } = checkBrowserTests(files);
  const ways = errors.filter((error) => error.includes("leads to Node"));
  expect(ways).toEqual([
    expect.stringContaining("far.test.ts → packages/a/test/near.ts → packages/a/src/c.ts → node:fs"),
    expect.stringContaining("asks.test.ts → Buffer."),
    expect.stringContaining("lazy.test.ts → @zspine/location"),
  ]);
  expect(errors.some((error) => error.includes("and not there"))).toBe(true);
});

test("findChromium() takes the one that is named and no other, and else the first that is there", () => {
  const isThere = (/** @type {string} */ path) => path === places[1] || path === "/opt/mine";
  expect(findChromium(undefined, isThere)).toBe(places[1]);
  expect(findChromium("/opt/mine", isThere)).toBe("/opt/mine");
  expect(findChromium("/opt/other", isThere)).toBeUndefined();
  expect(findChromium(undefined, () => false)).toBeUndefined();
});
