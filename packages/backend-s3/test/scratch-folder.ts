import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A directory of this test file, removed after it. */
export const scratchFolder: string = mkdtempSync(join(tmpdir(), "zspine-s3-"));

afterAll(() => rmSync(scratchFolder, { recursive: true, force: true }));
