import { defineBackend, type BackendOpener, type BackendPlugin } from "@zspine/core";
import { dropLocation, nodeMedium } from "@zspine/location";
import { strictObject, string } from "zod";
import { openFileBackend, TYPE } from "../backend/file-backend.ts";
import { ENTRIES, LAYOUT_VERSION } from "../layout/layout.ts";

/** Where a backend in files keeps them. */
export interface FileOptions {
  /** A directory that is empty or does not exist, or one that this backend has made. */
  readonly location: string;
}

/**
 * Makes a backend that keeps each value in a file of its own, immutable and synced. It is durable, and read at
 * once or later. Call it for an opener, or hand it to `createRegistry` as the plugin `file`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when the location is not text, or empty.
 */
export const file: BackendPlugin<FileOptions, BackendOpener> = defineBackend({
  type: TYPE,
  options: strictObject({ location: string().min(1, "the path of a directory is missing") }),
  create: ({ location }): BackendOpener => ({
    type: TYPE,
    open: (options) => openFileBackend(location, nodeMedium, options),
    drop: () => dropLocation({ path: location, type: TYPE, version: LAYOUT_VERSION }, ENTRIES),
  }),
});
