import { defineBackend, ZspineError, type BackendOpener, type BackendPlugin } from "@zspine/core";
import type { FileOptions } from "./file/file-options.ts";

export type { FileOptions } from "./file/file-options.ts";

/**
 * Stands for `file()` in a bundle for browsers, where there are no files, so that code that chooses between backends
 * can be bundled.
 *
 * @throws `ZSPINE_NOT_SUPPORTED` when it is called.
 */
export const file: BackendPlugin<FileOptions, BackendOpener> = defineBackend({
  type: "file",
  create(_options?: FileOptions): BackendOpener {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      "file() keeps bytes in files, and a browser has none; call level({ location }) of @zspine/backend-level there, " +
        "which keeps them in IndexedDB",
    );
  },
});
