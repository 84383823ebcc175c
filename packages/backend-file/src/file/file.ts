import {
  checkGuest,
  checkPlace,
  defineBackend,
  refuseToRead,
  type BackendOpener,
  type BackendPlugin,
} from "@zspine/core";
import { dropLocation, dropScratch, nodeMedium } from "@zspine/location";
import { openFileBackend, TYPE } from "../backend/file-backend.ts";
import { ENTRIES, LAYOUT_VERSION } from "../layout/layout.ts";
import { openScratchBackend } from "../scratch/scratch-backend.ts";
import type { FileOptions } from "./file-options.ts";

/**
 * Makes a backend that keeps each value in a file of its own, immutable and synced. It is durable, and read at
 * once or later. Call it for an opener, or hand it to `createRegistry` as the plugin `file`.
 *
 * With `keeps: false` it is not durable but **scratch**, for `hybrid({ cold })`: each opening has a directory of its own in
 * `location`, syncs nothing, and removes it when it is closed; what a killed process has left is removed by the next
 * opening in the same location.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when the location is not text, or empty, and for an option that there is not. To open
 *   scratch rejects so when its location lies in memory (but for `mayBeInMemory: true`), and with `readOnly`.
 */
export const file: BackendPlugin<FileOptions, BackendOpener> = defineBackend({
  type: TYPE,
  create(options?: FileOptions): BackendOpener {
    const { location, keeps = true, mayBeInMemory } = checkPlace(options, TYPE, "the path of a directory");
    if (keeps) {
      return {
        type: TYPE,
        open: (how) => openFileBackend(location, nodeMedium, how),
        drop: () => dropLocation({ path: location, type: TYPE, version: LAYOUT_VERSION }, ENTRIES),
      };
    }
    return {
      type: TYPE,
      async open(how) {
        checkGuest(TYPE, how, false);
        if (how?.readOnly === true) throw refuseToRead(TYPE);
        return openScratchBackend(location, nodeMedium, mayBeInMemory);
      },
      drop: () => dropScratch({ path: location }),
    };
  },
});
