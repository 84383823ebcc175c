import { realpath, rm, rmdir, stat, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { acquireLock, isLockEntry } from "../lock/lock.ts";
import { isMarkerEntry, MARKER } from "../marker/marker.ts";
import { listDirectory, syncDirectory } from "../medium/directory.ts";
import { errorCode, ioError } from "../medium/io-error.ts";
import { checkContent } from "./open-location.ts";

/** Which location is to be removed. */
export interface DropOptions {
  readonly path: string;
  /** The kind of backend that made it. */
  readonly type: string;
  /** The newest version whose entries the caller knows; a newer location is refused. */
  readonly version?: number;
}

/**
 * Removes a location: the entries that `owned` names or accepts, the marker, the lock, and the directory when
 * nothing else is left in it. Does nothing where there is no directory, or an empty one.
 *
 * @param owned the names of the entries of the directory that belong to the backend, or a predicate of them.
 * @throws (rejects with) as `openLocation`; after `ZSPINE_IO` that is not determinate, drop it again.
 */
export async function dropLocation(
  options: DropOptions,
  owned: readonly string[] | ((entry: string) => boolean),
): Promise<void> {
  const given = resolve(options.path);
  const isOwned = typeof owned === "function" ? owned : (entry: string) => owned.includes(entry);
  let hasBegun = false;
  try {
    const path = await existing(given);
    if (path === undefined || (await listDirectory(path)).length === 0) return;
    await checkContent({ ...options, path });
    const lock = await acquireLock(path);
    try {
      await checkContent({ ...options, path });
      hasBegun = true;
      await removeEntries(path, isOwned);
    } finally {
      await lock.release();
    }
    await removeIfEmpty(path);
  } catch (error) {
    throw ioError(error, `the location "${given}" cannot be dropped`, { determinate: !hasBegun });
  }
}

/** The marker goes last: until then, what is left can be recognised and dropped again. */
async function removeEntries(path: string, isOwned: (entry: string) => boolean): Promise<void> {
  const entries = await listDirectory(path);
  const isOurs = (entry: string): boolean => isMarkerEntry(entry) || isLockEntry(entry);
  for (const entry of entries.filter((name) => isOwned(name) && !isOurs(name))) {
    await rm(join(path, entry), { recursive: true, force: true });
  }
  await syncDirectory(path);
  for (const entry of entries.filter((name) => isMarkerEntry(name) && name !== MARKER)) {
    await unlink(join(path, entry));
  }
  if (entries.includes(MARKER)) await unlink(join(path, MARKER));
}

async function existing(path: string): Promise<string | undefined> {
  try {
    await stat(path);
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}
