import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import { syncAncestors } from "../medium/directory.ts";
import { errorCode } from "../medium/io-error.ts";

// The marker: the file `ZSPINE`, UTF-8, one line of JSON and a line feed. It is written once, to a temporary file
// that is synced and renamed, so it is whole or not there.
//
//  field    value
//  -------  -----------------------------------------------------------
//  format   "zspine"
//  type     the kind of backend: "file", "level"
//  version  the version of that backend's layout, an integer from 1

/** What a marker says. */
export interface Marker {
  readonly path: string;
  readonly type: string;
  readonly version: number;
}

/** The name of the marker in its directory. */
export const MARKER = "ZSPINE";
const UNFINISHED = "ZSPINE.tmp";

/** Whether an entry of the directory is the marker, or one that was not finished. */
export function isMarkerEntry(name: string): boolean {
  return name === MARKER || name === UNFINISHED;
}

/** Reads the marker; undefined when there is none. @throws (rejects with) `ZSPINE_CORRUPT` when it is damaged. */
export async function readMarker(directory: string): Promise<Marker | undefined> {
  const path = join(directory, MARKER);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const { format, type, version } = parseObject(text);
  if (format === "zspine" && typeof type === "string" && isVersion(version)) return { path, type, version };
  throw new ZspineError(
    "ZSPINE_CORRUPT",
    `the marker "${path}" is damaged: found ${quote(text.trim())}, expected {"format":"zspine","type":…,"version":…}; restore it from a backup, or write it again when you know what the directory holds`,
  );
}

/** Checks that a marker is of the kind that is expected, and not newer; gives its version. */
export function checkMarker(
  marker: Marker,
  expected: { readonly type: string; readonly version?: number },
): number {
  if (marker.type !== expected.type) {
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `"${marker.path}" marks a location of the backend ${quote(marker.type)}, expected ${quote(expected.type)}; open it with the backend that made it, or choose an empty directory`,
    );
  }
  if (expected.version !== undefined && marker.version > expected.version) {
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `"${marker.path}" marks a layout of version ${marker.version}, newer than ${expected.version}, which is the newest that this release knows; update the package of the backend ${quote(marker.type)}`,
    );
  }
  return marker.version;
}

/** Writes the marker durably, with the directory and those above it. The caller holds the lock. */
export async function writeMarker(
  directory: string,
  { type, version }: { readonly type: string; readonly version: number },
): Promise<void> {
  const unfinished = join(directory, UNFINISHED);
  const file = await open(unfinished, "w", 0o644);
  try {
    await file.writeFile(`${JSON.stringify({ format: "zspine", type, version })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, join(directory, MARKER));
  await syncAncestors(directory);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
