// @ts-check
import { expect, test } from "vitest";
import { bundle, checkBundle } from "../check-sizes.mjs";

const entry = { name: "store", budget: 1000 };

const zod = "/node_modules/zod/v4/core/parse.js";
const importers = new Map([
  ["/node_modules/zod/index.js", ["/packages/store/dist/head/head.js"]],
  [zod, ["/node_modules/zod/index.js"]],
]);

/** @param {Record<string, number>} files */
const errorsOf = (files, bytes = 1000) =>
  checkBundle(entry, { bytes, bytesInAll: 5000, files: new Map(Object.entries(files)), importers }).errors;

test("checkBundle() refuses a bundle that is larger than its budget", () => {
  expect(errorsOf({ "/packages/store/dist/index.js": 900 })).toEqual([]);
  expect(errorsOf({}, 1001)).toEqual(["store: 1.0 kB after gzip, at most 1.0 kB"]);
});

test("checkBundle() counts what may come to be loaded where all of it counts", () => {
  const found = { bytes: 900, bytesInAll: 1001, files: new Map(), importers };
  expect(checkBundle(entry, found).errors).toEqual([]);
  expect(checkBundle({ ...entry, loads: "all" }, found).errors).toHaveLength(1);
});

test("checkBundle() refuses zod's runtime and the suites, unless nothing of them is left in the bundle", () => {
  expect(errorsOf({ [zod]: 0, "/packages/store/dist/conformance/suite/store-suite.js": 0 })).toEqual([]);
  expect(errorsOf({ [zod]: 1 })).toEqual([
    "store: holds zod's runtime; import types of it only: 0.0 kB before gzip, imported by /packages/store/dist/head/head.js",
  ]);
  for (const path of ["/packages/conformance/dist/index.js", "/packages/store/dist/conformance/suite/a.js"])
    expect(errorsOf({ [path]: 5 })).toEqual([expect.stringContaining("holds the suites")]);
});

test("bundle() tells what of each file is in a bundle, and finds the parser of whoever imports zod", async () => {
  const code = `import { string } from "zod"; export const name = string();`;
  const found = await bundle({ code, platform: "browser" });
  expect(found.bytes).toBeGreaterThan(10_000);
  expect(checkBundle({ name: "it", budget: 10 ** 6 }, found).errors).toEqual([
    expect.stringMatching(/^it: holds zod's runtime.* kB before gzip, imported by \/<stdin>$/),
  ]);
});

test("bundle() leaves out what a program does not keep", async () => {
  const code = `import { string } from "zod"; export const one = 1;`;
  const found = await bundle({ code, platform: "browser" });
  expect(checkBundle({ name: "it", budget: 100 }, found).errors).toEqual([]);
});
