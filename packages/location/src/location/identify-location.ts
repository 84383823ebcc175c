import { resolve } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import { readMarker } from "../marker/marker.ts";
import { errorCode, ioError } from "../medium/io-error.ts";
import { nodeMedium, type Medium } from "../medium/medium.ts";

/** What a directory says of itself. */
export interface LocationMark {
  /** The kind of backend that made it: `"file"`, `"level"`. */
  readonly type: string;
  /** The version of that backend's layout. */
  readonly version: number;
}

/**
 * Tells which kind of backend a directory is a location of; `undefined` where there is none, or nothing marks it. Reads
 * one small file, takes no lock, and changes nothing.
 *
 * @throws (rejects with) `ZSPINE_CORRUPT` when the marker is damaged; `ZSPINE_IO`; `ZSPINE_INVALID_OPTIONS` for an empty path.
 */
export async function identifyLocation(
  path: string,
  medium: Medium = nodeMedium,
): Promise<LocationMark | undefined> {
  if (typeof path !== "string" || path === "")
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `the path of a location must be text, found ${quote(path)}`,
      { path: ["path"] },
    );
  const given = resolve(path);
  try {
    const marker = await readMarker(medium, await medium.realPath(given));
    return marker === undefined ? undefined : { type: marker.type, version: marker.version };
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw ioError(error, `the location "${given}" cannot be identified`);
  }
}
