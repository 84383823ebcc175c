import { dirname } from "node:path";
import { quote, ZspineError } from "@zspine/core";
import { readMarker, type Marker } from "../marker/marker.ts";
import type { Medium } from "../medium/medium.ts";

/**
 * Checks that a directory which is to become a location lies in no other: the backend of that removes what it does not know
 * below its own entries, and whoever drops or copies it has the inner one with it, or not, by chance.
 *
 * @param path Absolute, symbolic links resolved. Costs a look for a marker in each directory above it.
 * @throws (rejects with) `ZSPINE_FORMAT`.
 */
export async function checkLiesInNone(medium: Medium, path: string): Promise<void> {
  for (let outer = dirname(path), inner = path; outer !== inner; inner = outer, outer = dirname(outer)) {
    const marker = await markerOf(medium, outer);
    if (marker === undefined) continue;
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `the directory "${path}" lies within "${outer}", which is a location of the backend ${quote(marker.type)}, and nothing was changed; choose a directory outside of it`,
    );
  }
}

/** What is damaged, or not to be read, is not known to be a location; and it is not what was asked for. */
async function markerOf(medium: Medium, directory: string): Promise<Marker | undefined> {
  return readMarker(medium, directory).catch(() => undefined);
}
