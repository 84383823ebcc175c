import { join, resolve } from "node:path";
import { acquireLock, isLockEntry, sweepAll } from "../lock/lock.ts";
import { isMarkerEntry, MARKER } from "../marker/marker.ts";
import { errorCode, ioError } from "../medium/io-error.ts";
import { nodeMedium, type Medium } from "../medium/medium.ts";
import { checkContent } from "./open-location.ts";

/** Which location is to be removed. */
export interface DropOptions {
  readonly path: string;
  /** The kind of backend that made it. */
  readonly type: string;
  /** The newest version whose entries the caller knows; a newer location is refused. */
  readonly version?: number | undefined;
  /** The file system that it is in, by default the one of the process. */
  readonly medium?: Medium | undefined;
}

/**
 * Removes a location: the entries that `owned` names or accepts, the marker, the lock, and the directory when
 * nothing else is left in it. Called again after a drop whose process was killed, it leaves nothing of that. Does nothing
 * where there is no directory; an empty one may be all that such a drop has left, and goes if it can.
 *
 * @param owned the names of the entries of the directory that belong to the backend, or a predicate of them.
 * @throws (rejects with) as `openLocation`; after `ZSPINE_IO` that is not determinate, drop it again.
 */
export async function dropLocation(
  options: DropOptions,
  owned: readonly string[] | ((entry: string) => boolean),
): Promise<void> {
  const given = resolve(options.path);
  const { medium = nodeMedium } = options;
  const isOwned = typeof owned === "function" ? owned : (entry: string) => owned.includes(entry);
  let hasBegun = false;
  try {
    const path = await existing(medium, given);
    if (path === undefined) return;
    if ((await medium.list(path)).length === 0) {
      // Nothing is lost where it cannot be, as where a disk is mounted on it.
      await medium.removeDirectory(path).catch(() => undefined);
      return;
    }
    await checkContent({ ...options, path, medium });
    const lock = await acquireLock(medium, path);
    try {
      await checkContent({ ...options, path, medium });
      hasBegun = true;
      await removeEntries(medium, path, isOwned);
      await sweepAll(medium, path);
    } finally {
      await lock.release();
    }
    await removeIfEmpty(medium, path);
  } catch (error) {
    throw ioError(error, `the location "${given}" cannot be dropped`, { determinate: !hasBegun });
  }
}

/** The marker goes last: until then, what is left can be recognised and dropped again. */
async function removeEntries(
  medium: Medium,
  path: string,
  isOwned: (entry: string) => boolean,
): Promise<void> {
  const entries = (await medium.list(path)).map(({ name }) => name);
  const isOurs = (entry: string): boolean => isMarkerEntry(entry) || isLockEntry(entry);
  for (const entry of entries.filter((name) => isOwned(name) && !isOurs(name))) {
    await medium.removeTree(join(path, entry));
  }
  await medium.syncDirectory(path);
  for (const entry of entries.filter((name) => isMarkerEntry(name) && name !== MARKER)) {
    await medium.unlink(join(path, entry));
  }
  if (entries.includes(MARKER)) await medium.unlink(join(path, MARKER));
}

async function existing(medium: Medium, path: string): Promise<string | undefined> {
  try {
    return await medium.realPath(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function removeIfEmpty(medium: Medium, path: string): Promise<void> {
  try {
    await medium.removeDirectory(path);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}
