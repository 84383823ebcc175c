import { basename, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { quote, refused, ZspineError } from "@zspine/core";
import { isGoneMeanwhile, makeLocation, type Location } from "../location/open-location.ts";
import { readMarker, writeMarker } from "../marker/marker.ts";
import { ioError } from "../medium/io-error.ts";
import { nodeMedium, type Medium } from "../medium/medium.ts";
import { judge, type Liveness, type Owner } from "../owner/owner.ts";
import { newScratchName, ownerOfScratch } from "./scratch-name.ts";
import { unsyncedMedium } from "./unsynced-medium.ts";

/** Where scratch is to be, and of which kind of backend. */
export interface ScratchOptions {
  /** The directory in which it is made; a relative path is taken from the working directory at the call. */
  readonly path: string;
  /** The kind of backend, as in `{ type: "file" }`; its marker says `file-scratch`. */
  readonly type: string;
  /** The version of that backend's layout. */
  readonly version: number;
  /** Whether it may lie in a file system that is memory; by default not. */
  readonly mayBeInMemory?: boolean | undefined;
  /** The file system that it is in, by default the one of the process. */
  readonly medium?: Medium | undefined;
}

// The directory in which it is made may be removed, by whoever made it, before there is anything in it.
const ATTEMPTS = 20;
/** How long to wait for the kernel to end a killed owner, each time, and how often. */
const ENDING_DELAY_MS = 10;
const ENDING_ATTEMPTS = 100;

/**
 * Makes a directory that goes with its handle: a fresh one within `path`, for this handle alone, of which nothing is
 * synced. Any number of processes may have one within a path at a time. Before, it removes what dead processes have left
 * there. `close` removes it with all that is in it, and what was made of the path, when that is empty.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS` when the path lies in memory, and for an empty path; `ZSPINE_FORMAT`
 *   when a location that is kept is there; `ZSPINE_IO` when the medium fails.
 */
export async function openScratch(options: ScratchOptions): Promise<Location> {
  if (typeof options.path !== "string" || options.path === "")
    throw refused(["path"], "the path of a directory", options.path);
  const given = resolve(options.path);
  const medium = unsyncedMedium(options.medium ?? nodeMedium);
  for (let attempt = 1; ; attempt++) {
    const made: string[] = [];
    try {
      await makeLocation(medium, given, made);
      const within = await medium.realPath(given);
      await checkParent(medium, within, options);
      const path = join(within, newScratchName());
      await medium.createDirectory(path);
      made.push(path);
      await writeMarker(medium, path, { type: markerType(options.type), version: options.version });
      await sweep(medium, within, path);
      return handle(medium, path, made, options.version);
    } catch (error) {
      await removeMade(medium, made).catch(() => undefined);
      if (isGoneMeanwhile(error) && attempt < ATTEMPTS) continue;
      throw ioError(error, `scratch cannot be made in "${given}"`);
    }
  }
}

/**
 * Removes what dead processes have left within a path, and then the path, when it is empty. Does nothing where there is none.
 *
 * @throws (rejects with) `ZSPINE_LOCKED` when scratch is left of a process that lives, or cannot be judged from here;
 *   `ZSPINE_FORMAT` when a location that is kept is there; `ZSPINE_IO` when the medium fails.
 */
export async function dropScratch(options: Pick<ScratchOptions, "path" | "medium">): Promise<void> {
  const given = resolve(options.path);
  const { medium = nodeMedium } = options;
  try {
    if ((await medium.list(given)).length === 0) {
      // As one leaves it that is killed before it is done; nothing is lost where it cannot be removed.
      await medium.removeDirectory(given).catch(() => undefined);
      return;
    }
    const within = await medium.realPath(given);
    await checkKept(medium, within);
    const [left] = await sweep(medium, within, undefined);
    if (left !== undefined) throw inUse(join(within, left.name), left);
    await removeEmpty(medium, within);
  } catch (error) {
    throw ioError(error, `the scratch in "${given}" cannot be dropped`, { determinate: false });
  }
}

async function checkParent(medium: Medium, within: string, options: ScratchOptions): Promise<void> {
  await checkKept(medium, within);
  if (options.mayBeInMemory === true || !(await medium.isInMemory(within))) return;
  throw refused(
    [options.type, "location"],
    "a directory on a disk, for scratch",
    within,
    "its file system is memory itself (a tmpfs, as /dev/shm is and /tmp may be), so what is put there leaves no memory free; choose another directory, or write mayBeInMemory: true to have it there all the same",
  );
}

/** Checks that a directory is not the location of a store. */
async function checkKept(medium: Medium, within: string): Promise<void> {
  const marker = await readMarker(medium, within);
  if (marker === undefined) return;
  const what = isScratchType(marker.type)
    ? "the scratch of another handle"
    : `a location that is kept, of the backend ${quote(marker.type)}`;
  throw new ZspineError(
    "ZSPINE_FORMAT",
    `"${marker.path}" marks ${what}, and nothing was changed; choose another directory for scratch, or leave keeps: false out to open what is kept`,
  );
}

/** What of others is left within a path, and whether its owner lives. */
interface Left {
  readonly name: string;
  readonly owner: Owner;
  readonly liveness: Liveness;
}

/** Removes what dead processes have left but for `own`; gives what is left of others. What cannot be removed stays. */
async function sweep(medium: Medium, within: string, own: string | undefined): Promise<Left[]> {
  const left: Left[] = [];
  for (const { name, kind } of await medium.list(within)) {
    const path = join(within, name);
    const owner = ownerOfScratch(name);
    if (kind !== "directory" || owner === undefined || path === own) continue;
    const liveness = await settledLiveness(owner);
    if (liveness !== "dead") left.push({ name, owner, liveness });
    else if (await isOurs(medium, path, own)) await medium.removeTree(path).catch(() => undefined);
  }
  return left;
}

async function settledLiveness(owner: Owner): Promise<Liveness> {
  for (let attempt = 1; ; attempt++) {
    const liveness = judge(owner);
    if (liveness !== "ending" || attempt >= ENDING_ATTEMPTS) return liveness;
    await setTimeout(ENDING_DELAY_MS);
  }
}

/** Whether a directory with such a name was made by this package, for the user of this process. */
async function isOurs(medium: Medium, path: string, own: string | undefined): Promise<boolean> {
  try {
    // What another user has made could lead astray who removes it.
    if (own !== undefined && !(await medium.haveOneOwner(path, own))) return false;
    const marker = await readMarker(medium, path);
    // Without one, its owner was killed before it had written it, or while it removed it.
    return marker === undefined || isScratchType(marker.type);
  } catch (error) {
    // A power cut may have torn it.
    return (error as { code?: unknown }).code === "ZSPINE_CORRUPT";
  }
}

function markerType(type: string): string {
  return `${type}-scratch`;
}

function isScratchType(type: string): boolean {
  return type.endsWith("-scratch");
}

function handle(medium: Medium, path: string, made: readonly string[], version: number): Location {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= removeMade(medium, made).catch((error: unknown) => {
      throw ioError(error, `the scratch "${path}" cannot be removed`, { determinate: false });
    }));
  return { path, isNew: true, version, close, [Symbol.asyncDispose]: close };
}

/** Removes the scratch directory, the last of what was made, and of those above it what is empty. */
async function removeMade(medium: Medium, made: readonly string[]): Promise<void> {
  const [scratch, ...above] = [...made].reverse();
  if (scratch === undefined) return;
  if (ownerOfScratch(basename(scratch)) === undefined) above.unshift(scratch);
  else await medium.removeTree(scratch);
  for (const directory of above) await removeEmpty(medium, directory);
}

async function removeEmpty(medium: Medium, directory: string): Promise<void> {
  // Others have something in it, or it is one that a mount or a right keeps.
  await medium.removeDirectory(directory).catch(() => undefined);
}

function inUse(path: string, { owner, liveness }: Left): ZspineError {
  const whose =
    liveness === "unknown"
      ? `of process ${owner.pid} on another host or in another container, which cannot be asked from here; close it there, or when you are sure that it has ended, delete the directory`
      : `in use by process ${owner.pid}${owner.pid === process.pid ? " (this one)" : ""} on this host; close it there first`;
  return new ZspineError("ZSPINE_LOCKED", `the scratch "${path}" is ${whose}`);
}
