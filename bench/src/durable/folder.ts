import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Those that are still there. */
const folders = new Set<string>();

/** Makes a directory for data that is removed afterwards, when the process exits at the latest. */
export function makeFolder(): string {
  if (folders.size === 0) process.once("exit", removeAll);
  const folder = mkdtempSync(join(tmpdir(), "zspine-bench-data-"));
  folders.add(folder);
  return folder;
}

/** Removes a directory with all that is in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Adds up the lengths of all files in a directory. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0);
}
