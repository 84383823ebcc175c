import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { s3, s3Address } from "@zspine/backend-s3";
import { quote, type BackendOpener } from "@zspine/core";
import { identifyLocation } from "@zspine/location";
import { FailedError, UsageError } from "../console/failure.ts";

/** The kinds of backends whose locations are directories. */
export type BackendName = "file" | "level";
export const BACKEND_NAMES: readonly BackendName[] = ["file", "level"];
const BACKENDS = { file, level };
/** What a new store is kept by, where nothing else was said. */
export const DEFAULT_BACKEND: BackendName = "file";

/** Where a store is, and the backend that it is opened by. */
export interface Place {
  readonly path: string;
  readonly backend: BackendName | "s3";
  readonly opener: BackendOpener;
  /** Whether there is no such directory, nor a store therefore. */
  readonly isMissing: boolean;
}

/**
 * Finds the store in a directory, by what marks it.
 *
 * @param asked The backend that was asked for, which has to be the one that made it.
 * @throws (rejects with) `FailedError`, telling what is there instead and what to do.
 */
export async function findPlace(path: string, asked?: BackendName): Promise<Place> {
  const found = await markOf(path, asked);
  if (found !== undefined) return placeOf(path, found);
  const entries = await entriesOf(path);
  const why =
    entries === undefined
      ? "there is no such directory"
      : entries.length === 0
        ? "the directory is empty"
        : `the directory has ${quote(entries[0])} in it, and no ZSPINE file, which would mark a store`;
  throw new FailedError(
    `there is no store at ${quote(path)}: ${why}. Check the path; a new store is made by: zspine import ${shellQuote(path)} FILE --trace NAME --key COLUMN`,
  );
}

/**
 * Finds a store that is only read: in a directory, as {@link findPlace}, or in object storage at `s3://BUCKET/PREFIX`.
 *
 * @throws (rejects with) `FailedError`, as {@link findPlace}; `UsageError`, and `ZSPINE_INVALID_OPTIONS` where keys are missing.
 */
export async function findReadPlace(path: string, asked?: BackendName): Promise<Place> {
  if (!isInObjectStorage(path)) return findPlace(path, asked);
  if (asked !== undefined)
    throw new UsageError(`${quote(path)} is in object storage, and ${asked} was asked for; leave that out`);
  return { path, backend: "s3", opener: s3(s3Address(path, process.env)), isMissing: false };
}

/** Whether a place is written as `s3://BUCKET/PREFIX`. */
function isInObjectStorage(path: string): boolean {
  return path.startsWith("s3://");
}

/** Finds the store in a directory, or where one can be made: of the kind that was asked for, or else of another. */
export async function findOrMakePlace(
  path: string,
  asked: BackendName | undefined,
  otherwise: Place["backend"],
): Promise<Place> {
  const found = await markOf(path, asked);
  if (found !== undefined) return placeOf(path, found);
  const kind = asked ?? (isBackend(otherwise) ? otherwise : DEFAULT_BACKEND);
  return placeOf(path, kind, (await entriesOf(path)) === undefined);
}

/**
 * Checks that of two places neither lies in the other, by whatever path, before anything is made.
 *
 * @throws (rejects with) `UsageError`, as of two that are one.
 */
export async function checkApart(from: Place, to: Place): Promise<void> {
  if (from.backend === "s3" || to.backend === "s3") return;
  const [source, target] = [await realPathOf(from.path), await realPathOf(to.path)];
  if (!isWithin(source, target) && !isWithin(target, source)) return;
  throw new UsageError(
    `${quote(from.path)} and ${quote(to.path)} cannot be copied one to the other, for one lies in the other (${quote(source)}, ${quote(target)}), and what is in a store's directory is the store's own; choose a directory beside it`,
  );
}

function isWithin(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path.split(sep)[0] !== ".." && !isAbsolute(path);
}

/** The absolute path, symbolic links resolved, of what is there or may be made. */
async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    const above = dirname(absolute);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === absolute) throw error;
    return join(await realPathOf(above), basename(absolute));
  }
}

async function markOf(path: string, asked: BackendName | undefined): Promise<BackendName | undefined> {
  if (path === "") throw new UsageError("the location is an empty text; write the path of a directory");
  if (isInObjectStorage(path))
    throw new UsageError(
      `${quote(path)} is in object storage, where zspine reads, and writes nothing; write to it by the program whose store it is`,
    );
  const type = (await identifyLocation(path))?.type;
  if (type === undefined) return undefined;
  if (!isBackend(type)) {
    const advice = type.endsWith("-scratch")
      ? "it is the scratch of a running process, which nobody else can read"
      : `open it by the program that made it, for here are ${BACKEND_NAMES.join(" and ")} alone`;
    throw new FailedError(`${quote(path)} is a location of the backend ${quote(type)}: ${advice}`);
  }
  if (asked === undefined || asked === type) return type;
  throw new UsageError(
    `${quote(path)} is a location of the backend ${quote(type)}, and ${asked} was asked for; leave that out: which it is, is found`,
  );
}

function isBackend(type: string): type is BackendName {
  return Object.hasOwn(BACKENDS, type);
}

function placeOf(path: string, backend: BackendName, isMissing = false): Place {
  return { path, backend, opener: BACKENDS[backend]({ location: path }), isMissing };
}

async function entriesOf(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ENOTDIR")
      throw new FailedError(`${quote(path)} is a file, and a store is a directory; check the path`);
    throw error;
  }
}

/** Writes a text as a shell takes it for one word. */
function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
