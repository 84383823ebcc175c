import { join } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import type { Medium } from "../medium/medium.ts";

// The marker: the file `ZSPINE`, UTF-8, one line of JSON and a line feed. It is written once, to a temporary file
// that is synced and renamed, so it is whole or not there.
//
//  field    value
//  -------  -----------------------------------------------------------
//  format   "zspine"
//  type     the kind of backend: "file", "level"; of scratch "file-scratch", "level-scratch"
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
export async function readMarker(medium: Medium, directory: string): Promise<Marker | undefined> {
  const path = join(directory, MARKER);
  const bytes = await medium.read(path);
  if (bytes === undefined) return undefined;
  const text = bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "";
  const { format, type, version } = parseObject(text);
  if (format === "zspine" && typeof type === "string" && isVersion(version)) return { path, type, version };
  throw new ZspineError(
    "ZSPINE_CORRUPT",
    `the marker "${path}" is damaged: found ${quote(text.trim())}, expected {"format":"zspine","type":…,"version":…}; restore it from a backup, or write it again when you know what the directory holds`,
  );
}

/** Checks that a marker is of the kind that is expected, and of a version that can be read, which it gives. */
export function checkMarker(
  marker: Marker,
  expected: {
    readonly type: string;
    readonly version?: number | undefined;
    readonly oldestVersion?: number | undefined;
  },
): number {
  if (marker.type !== expected.type) {
    if (marker.type.endsWith("-scratch")) {
      throw new ZspineError(
        "ZSPINE_FORMAT",
        `"${marker.path}" marks the scratch of a handle (keeps: false), which goes with it, and nothing was changed; choose another directory`,
      );
    }
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
  if (marker.version < (expected.oldestVersion ?? 1)) {
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `"${marker.path}" marks a layout of version ${marker.version}, older than ${expected.oldestVersion}, which is the oldest that this release reads; copy it with the release that wrote it (store.backup() to another kind of backend, or an export of its rows), or begin anew in an empty directory`,
    );
  }
  return marker.version;
}

/**
 * Writes the marker durably, with the directory and those above it; none is there when that fails, because a later
 * sync could not be trusted. The caller holds the lock.
 */
export async function writeMarker(
  medium: Medium,
  directory: string,
  { type, version }: { readonly type: string; readonly version: number },
): Promise<void> {
  const unfinished = join(directory, UNFINISHED);
  // Not written over: it may be a symbolic link.
  await medium.removeTree(unfinished);
  const text = `${JSON.stringify({ format: "zspine", type, version })}\n`;
  await medium.createFile(unfinished, new TextEncoder().encode(text), true);
  try {
    await medium.rename(unfinished, join(directory, MARKER));
    await medium.syncAncestors(directory);
  } catch (error) {
    await medium.removeTree(join(directory, MARKER)).catch(() => undefined);
    throw error;
  }
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
