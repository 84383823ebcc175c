import { defineBackend, requireOptions, text, type BackendOpener, type BackendPlugin } from "@zspine/core";
import { dropLocation, nodeMedium } from "@zspine/location";
import { openFileBackend, TYPE } from "../backend/file-backend.ts";
import { ENTRIES, LAYOUT_VERSION } from "../layout/layout.ts";
import type { FileOptions } from "./file-options.ts";

/**
 * Makes a backend that keeps each value in a file of its own, immutable and synced. It is durable, and read at
 * once or later. Call it for an opener, or hand it to `createRegistry` as the plugin `file`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when the location is not text, or empty, and for an option that there is not.
 */
export const file: BackendPlugin<FileOptions, BackendOpener> = defineBackend({
  type: TYPE,
  create(options?: FileOptions): BackendOpener {
    const { location } = requireOptions(options, TYPE, { location: text("the path of a directory") });
    return {
      type: TYPE,
      open: (how) => openFileBackend(location, nodeMedium, how),
      drop: () => dropLocation({ path: location, type: TYPE, version: LAYOUT_VERSION }, ENTRIES),
    };
  },
});
