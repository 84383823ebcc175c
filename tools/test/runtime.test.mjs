// @ts-check
import { expect, test } from "vitest";

test("tests run in the runtime that was asked for, and not in another that it started", () => {
  const running = "Deno" in globalThis ? "deno" : process.versions["bun"] === undefined ? "node" : "bun";
  expect(running).toBe(process.env["ZSPINE_RUNTIME"] ?? "node");
});
