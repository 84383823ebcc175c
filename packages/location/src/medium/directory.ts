import { open, readdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./io-error.ts";

/** The names in a directory. */
export function listDirectory(path: string): Promise<string[]> {
  return readdir(path);
}

/**
 * Makes the entries of a directory durable: what was created, renamed or removed in it before the call. Windows
 * cannot do this, and does not need it: its directories are journaled.
 */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a directory durable together with those above it on the same medium. Which of them are new is not known
 * after a crash, so all of them are synced; one that this process may not open was not made by it.
 */
export async function syncAncestors(path: string): Promise<void> {
  const { dev } = await stat(path);
  for (let at = path; ; at = dirname(at)) {
    try {
      if ((await stat(at)).dev !== dev) return;
      await syncDirectory(at);
    } catch (error) {
      const code = errorCode(error);
      if (at === path || (code !== "EACCES" && code !== "EPERM")) throw error;
    }
    if (dirname(at) === at) return;
  }
}
