import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bytesIn, makeFolder, removeFolder } from "../../src/contest/folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "zspine-test-folder-"));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

it("makeFolder() removes what processes that are gone have left, and nothing else", () => {
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const left = join(parent, `zspine-bench-${gone}-abc`);
  const others = [`zspine-bench-${process.pid}-abc`, "zspine-bench-notes", "data"].map((name) =>
    join(parent, name),
  );
  for (const folder of [left, ...others]) mkdirSync(folder);
  const made = makeFolder(parent);
  expect(existsSync(left)).toBe(false);
  for (const folder of [made, ...others]) expect(existsSync(folder), folder).toBe(true);
  removeFolder(made);
  expect(existsSync(made)).toBe(false);
});

it("bytesIn() adds up files in folders of folders", () => {
  mkdirSync(join(parent, "a/b"), { recursive: true });
  writeFileSync(join(parent, "a/one"), "12345");
  writeFileSync(join(parent, "a/b/two"), "123");
  expect(bytesIn(parent)).toBe(8);
});
