import { dirname, resolve } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import { acquireLock, checkUnlocked, isLockEntry, type Lock } from "../lock/lock.ts";
import { checkMarker, isMarkerEntry, MARKER, readMarker, writeMarker } from "../marker/marker.ts";
import { errorCode, ioError } from "../medium/io-error.ts";
import { nodeMedium, type Medium } from "../medium/medium.ts";
import { checkLiesInNone } from "./outer-location.ts";
import { isScratchEntry } from "../scratch/scratch-name.ts";

/** Which directory is to be held, and by which kind of backend. */
export interface LocationOptions {
  /** The directory; a relative path is taken from the working directory at the call. */
  readonly path: string;
  /** The kind of backend, as in `{ type: "file" }`: a location of another kind is refused. */
  readonly type: string;
  /** The version of that backend's layout; a newer one is refused. */
  readonly version: number;
  /** The oldest version that it still reads; an older one is refused. By default 1. */
  readonly oldestVersion?: number | undefined;
  /** Creates nothing, writes nothing, and holds no lock; by default false. */
  readonly readOnly?: boolean | undefined;
  /** Whether it may be read while an owner writes to it: what is there never changes, but may be removed. By default not. */
  readonly besideOwner?: boolean | undefined;
  /** The file system that it is in, by default the one of the process. */
  readonly medium?: Medium | undefined;
}

type Opening = LocationOptions & { readonly medium: Medium };

/** A directory that is held: until it is closed, no other handle or process opens it. */
export interface Location extends AsyncDisposable {
  /** Where it is: absolute, symbolic links resolved. */
  readonly path: string;
  /** Whether the directory was created or empty, so that its marker has just been written. */
  readonly isNew: boolean;
  /** The version in the marker: that of the layout which is there, at most the one asked for. */
  readonly version: number;

  /**
   * Lets go of the lock, when it is still one's own. Idempotent.
   *
   * @throws (rejects with) `ZSPINE_IO` when the lock cannot be removed.
   */
  close(): Promise<void>;
}

// A directory may be dropped by its owner at any moment before it is locked here.
const ATTEMPTS = 20;

/**
 * Opens the directory of a backend: creates it where there is none, checks or writes its marker, and takes its
 * lock. A directory that has anything in it, but no marker, is refused and not touched. One that others than its owner
 * may write to is opened, with a warning of the process (`ZSPINE_OPEN_TO_OTHERS`).
 *
 * @throws (rejects with) `ZSPINE_LOCKED` when a live process, or one that cannot be judged from here, holds it;
 *   `ZSPINE_FORMAT` when it is not a location, is one of another kind, of a newer or too old a version, or to be made within
 *   another;
 *   `ZSPINE_CORRUPT` when its marker is damaged; `ZSPINE_IO` when the medium fails or it is missing and to be
 *   read only; `ZSPINE_INVALID_OPTIONS` for an empty path.
 */
export async function openLocation(options: LocationOptions): Promise<Location> {
  if (typeof options.path !== "string" || options.path === "") {
    const found = quote(options.path);
    throw new ZspineError("ZSPINE_INVALID_OPTIONS", `the path of a location must be text, found ${found}`, {
      path: ["path"],
    });
  }
  const path = resolve(options.path);
  const opening = { ...options, path, medium: options.medium ?? nodeMedium };
  try {
    return options.readOnly === true ? await openToRead(opening) : await openToWrite(opening);
  } catch (error) {
    const what = `the location "${path}" cannot be opened`;
    if (errorCode(error) !== "ENOENT") throw ioError(error, what);
    throw new ZspineError("ZSPINE_IO", `${what} (ENOENT): ${adviseMissing(options)}`, { cause: error });
  }
}

/** What to do where there is no directory: none to read, or none that could be made. */
function adviseMissing({ readOnly }: LocationOptions): string {
  if (readOnly === true)
    return "there is no store there to be read; check the path: what only reads creates none";
  return "no directory can be made there, for that is not a file system that holds files (as /proc and /dev are not), or others remove it meanwhile; choose another path";
}

async function openToWrite(options: Opening): Promise<Location> {
  const { medium } = options;
  for (let attempt = 1; ; attempt++) {
    let path: string;
    let lock: Lock;
    const made: string[] = [];
    try {
      await makeLocation(medium, options.path, made);
      path = await medium.realPath(options.path);
      // Once before anything is written, so that what is not ours is left as it is.
      await checkContent({ ...options, path });
      lock = await acquireLock(medium, path);
    } catch (error) {
      if (isGoneMeanwhile(error) && attempt < ATTEMPTS) continue;
      throw error;
    }
    try {
      const version = await checkContent({ ...options, path });
      if (version === undefined) {
        await checkLiesInNone(medium, path);
        await writeMarker(medium, path, options);
      }
      if (await medium.isOpenToOthers(path)) warnOfOthers(path);
      const isNew = version === undefined;
      return handle({ path, isNew, version: version ?? options.version }, () => lock.release());
    } catch (error) {
      await lock.release().catch(() => undefined);
      // What could not be made durable is made anew the next time, not taken for durable.
      for (const directory of made.reverse()) await medium.removeDirectory(directory).catch(() => undefined);
      throw error;
    }
  }
}

/** Anyone who may write to a location can do to it whatever the process may: no check here can help. */
function warnOfOthers(path: string): void {
  process.emitWarning(
    `the location "${path}" may be written to by others than its owner, who can damage what is in it, or lead this process astray; take that right away (chmod go-w)`,
    { code: "ZSPINE_OPEN_TO_OTHERS" },
  );
}

/**
 * Whether making a directory, or something in it, may have failed because another removed it meanwhile: before it was
 * asked for, or after it was found to be there.
 */
export function isGoneMeanwhile(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "EEXIST";
}

/**
 * Makes a directory with those above it, and adds to `made` what was not there.
 *
 * Not `mkdir` with `recursive`: of a read-only medium Node then tells ENOENT.
 */
export async function makeLocation(medium: Medium, path: string, made: string[]): Promise<void> {
  try {
    await medium.createDirectory(path);
    made.push(path);
  } catch (error) {
    if (await isDirectory(medium, path)) return;
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeLocation(medium, dirname(path), made);
    try {
      await medium.createDirectory(path);
      made.push(path);
    } catch (again) {
      if (!(await isDirectory(medium, path))) throw again;
    }
  }
}

/** The path of a location may lead over symbolic links; below it none is followed. */
async function isDirectory(medium: Medium, path: string): Promise<boolean> {
  try {
    return (await medium.kindOf(await medium.realPath(path))) === "directory";
  } catch {
    return false;
  }
}

async function openToRead(options: Opening): Promise<Location> {
  const path = await options.medium.realPath(options.path);
  const version = await checkContent({ ...options, path });
  if (version === undefined) {
    throw new ZspineError(
      "ZSPINE_IO",
      `the location "${path}" cannot be opened to be read only: it is empty, and no store is in it, whose ${MARKER} file would be there; check the path, or leave readOnly out to create one`,
    );
  }
  if (options.besideOwner !== true) await checkUnlocked(options.medium, path);
  return handle({ path, isNew: false, version }, async () => undefined);
}

/** The version of the layout in the directory; undefined when there is no marker, and nothing that is not ours. */
export async function checkContent(
  options: Pick<Opening, "path" | "type" | "oldestVersion" | "medium"> & {
    readonly version?: number | undefined;
  },
): Promise<number | undefined> {
  const { medium } = options;
  const marker = await readMarker(medium, options.path);
  if (marker !== undefined) return checkMarker(marker, options);
  const foreign = (await medium.list(options.path)).find(
    ({ name }) => !isMarkerEntry(name) && !isLockEntry(name),
  );
  if (foreign === undefined) return undefined;
  // The owner may have written its marker between the two looks.
  const late = await readMarker(medium, options.path);
  if (late !== undefined) return checkMarker(late, options);
  if (isScratchEntry(foreign.name)) {
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `in the directory "${options.path}" scratch is made, which goes with its process: it has "${foreign.name}" in it, and nothing was changed; choose another directory for what is kept, or keeps: false for scratch`,
    );
  }
  throw new ZspineError(
    "ZSPINE_FORMAT",
    `the directory "${options.path}" is not a location of zspine: it has ${quote(foreign.name)} in it and no ${MARKER} file, and nothing was changed; choose an empty directory, or one that does not exist`,
  );
}

function handle(
  { path, isNew, version }: Pick<Location, "path" | "isNew" | "version">,
  release: () => Promise<void>,
): Location {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= release().catch((error: unknown) => {
      throw ioError(error, `the lock of the location "${path}" cannot be removed`);
    }));
  return { path, isNew, version, close, [Symbol.asyncDispose]: close };
}
