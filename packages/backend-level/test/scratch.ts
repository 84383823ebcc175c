import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Makes a folder of its own for a test file, removed after its tests. */
export function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "zspine-level-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
