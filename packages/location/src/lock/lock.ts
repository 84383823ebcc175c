import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ZspineError } from "@zspine/core";
import { errorCode } from "../medium/io-error.ts";
import type { Medium } from "../medium/medium.ts";
import { judge, parseOwner, thisProcess, type Liveness, type Owner } from "../owner/owner.ts";

// The lock is a directory, `ZSPINE.lock`, that holds one file. The file has a name that is never used twice and
// describes the process that holds the lock. An empty directory is no lock.
//
// It rests on two promises of a file system: a directory is renamed onto another one only when that is empty, and
// an empty one only is removed. So a contender prepares a directory with its file in it under a name of its own,
// and renames it to `ZSPINE.lock`: of many, one succeeds, and the file is there whole with it.
//
// Taking over from a dead owner is to remove its file, by its unique name. However long a contender was held up
// since it judged the owner, it cannot remove anyone else's lock: that has another name. With one lock file it
// could, whether it unlinks it or moves it aside to look at it, and that is why the lock is not one file.

const LOCK = "ZSPINE.lock";
const PREPARED = "ZSPINE.lock.";

/** How often the lock is tried for: each time, another contender has come or gone meanwhile. */
const ATTEMPTS = 100;
/** How long to wait for the kernel to end a killed owner, each time. */
const ENDING_DELAY_MS = 10;

/** A lock that is held. */
export interface Lock {
  /** Removes the lock when it is still there; it is then free at once. */
  release(): Promise<void>;
}

interface Holder {
  readonly file: string;
  readonly owner: Owner | undefined;
  readonly liveness: Liveness;
}

/** Whether an entry of the directory is the lock, or one that was not finished. */
export function isLockEntry(name: string): boolean {
  return name === LOCK || name.startsWith(PREPARED);
}

/** Takes the lock of a directory. @throws (rejects with) `ZSPINE_LOCKED` when it is held, naming who holds it. */
export async function acquireLock(medium: Medium, directory: string): Promise<Lock> {
  const lock = join(directory, LOCK);
  const token = randomUUID();
  const prepared = join(directory, PREPARED + token);
  try {
    await prepare(medium, prepared, token);
    for (let attempt = 1; !(await take(medium, prepared, lock)); attempt++) {
      const holder = await findHolder(medium, lock);
      if (holder === undefined) await removeEmpty(medium, lock);
      else if (holder.liveness === "dead") await removeIfThere(medium, holder.file);
      else if (holder.liveness === "ending" && attempt < ATTEMPTS) await setTimeout(ENDING_DELAY_MS);
      else throw lockedError(directory, lock, holder);
      if (attempt >= ATTEMPTS) throw lockedError(directory, lock, holder);
    }
  } catch (error) {
    await medium.removeTree(prepared).catch(() => undefined);
    throw error;
  }
  await sweep(medium, directory);
  return {
    async release() {
      await removeIfThere(medium, join(lock, token));
      await removeEmpty(medium, lock);
    },
  };
}

/** Checks that nobody holds the lock of a directory, and changes nothing. @throws (rejects with) `ZSPINE_LOCKED`. */
export async function checkUnlocked(medium: Medium, directory: string): Promise<void> {
  const lock = join(directory, LOCK);
  for (let attempt = 1; ; attempt++) {
    const holder = await findHolder(medium, lock);
    if (holder === undefined || holder.liveness === "dead") return;
    if (holder.liveness !== "ending" || attempt >= ATTEMPTS) throw lockedError(directory, lock, holder);
    await setTimeout(ENDING_DELAY_MS);
  }
}

/** Makes a directory with the file of this process in it, durable, so that a power cut leaves no empty file. */
async function prepare(medium: Medium, prepared: string, token: string): Promise<void> {
  await medium.createDirectory(prepared);
  const text = `${JSON.stringify(thisProcess())}\n`;
  await medium.createFile(join(prepared, token), new TextEncoder().encode(text), true);
}

async function take(medium: Medium, prepared: string, lock: string): Promise<boolean> {
  try {
    await medium.rename(prepared, lock);
    return true;
  } catch (error) {
    // ENOTEMPTY or EEXIST: it is held. Windows tells EPERM or EACCES, also when the directory is empty.
    const code = errorCode(error);
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    if (process.platform === "win32" && (code === "EPERM" || code === "EACCES")) return false;
    throw error;
  }
}

async function findHolder(medium: Medium, lock: string): Promise<Holder | undefined> {
  const [entry] = await medium.list(lock);
  if (entry === undefined) return undefined;
  const file = join(lock, entry.name);
  const bytes = await medium.read(file);
  if (bytes === undefined) return undefined;
  const owner = bytes instanceof Uint8Array ? parseOwner(new TextDecoder().decode(bytes)) : undefined;
  return { file, owner, liveness: owner === undefined ? "unknown" : judge(owner) };
}

/**
 * Removes what contenders have prepared that died before they could use it, and what is not, or not yet, anybody's: for
 * the holder of a lock who removes the directory with it. A contender who lives finds its own gone with the directory.
 */
export async function sweepAll(medium: Medium, directory: string): Promise<void> {
  await sweep(medium, directory, (holder) => holder?.owner === undefined);
}

/** Removes what contenders have prepared that died before they could use it, or of which `isLeft` says so. */
async function sweep(
  medium: Medium,
  directory: string,
  isLeft: (holder: Holder | undefined) => boolean = () => false,
): Promise<void> {
  for (const { name, kind } of await medium.list(directory)) {
    if (!name.startsWith(PREPARED) || kind !== "directory") continue;
    const prepared = join(directory, name);
    const holder = await findHolder(medium, prepared);
    // One that is empty may belong to a contender that is about to write its file.
    if (holder?.liveness === "dead" || isLeft(holder)) await medium.removeTree(prepared);
  }
}

async function removeIfThere(medium: Medium, file: string): Promise<void> {
  try {
    await medium.unlink(file);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

async function removeEmpty(medium: Medium, lock: string): Promise<void> {
  try {
    await medium.removeDirectory(lock);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOENT" && code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

function lockedError(directory: string, lock: string, holder: Holder | undefined): ZspineError {
  const owner = holder?.owner;
  const what = `the location "${directory}" is locked`;
  const message =
    holder === undefined
      ? `${what}: others took its lock each of the ${ATTEMPTS} times that it was free; try again`
      : owner === undefined
        ? `${what}, by whom cannot be read in "${holder.file}"; when you are sure that no process uses it, delete the directory "${lock}"`
        : holder.liveness === "unknown"
          ? `${what} by process ${owner.pid} on the host "${owner.host}"${owner.host === hostname() ? ", in another container (PID namespace)" : ""}, which cannot be asked from here; close it there, or when you are sure that it has ended, delete the directory "${lock}"`
          : `${what} by process ${owner.pid}${owner.pid === process.pid ? " (this one, through another handle)" : ""} on this host; close it there first, or choose another directory`;
  return new ZspineError("ZSPINE_LOCKED", message);
}
