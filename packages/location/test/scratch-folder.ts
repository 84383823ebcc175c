import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A directory of this test file, removed after it. */
export const scratchFolder: string = realpathSync(mkdtempSync(join(tmpdir(), "zspine-location-")));

afterAll(() => rmSync(scratchFolder, { recursive: true, force: true }));

let places = 0;

/** A path in it that nothing is at yet. */
export function newPlace(): string {
  return join(scratchFolder, `place-${++places}`);
}
