import { ZspineError } from "@zspine/core";
import type { ObjectCache } from "./cache/object-cache.ts";
import type { DiskCacheOptions } from "./disk-cache/disk-cache-options.ts";

export type { DiskCacheOptions } from "./disk-cache/disk-cache-options.ts";

/**
 * Stands for `diskCache()` in a bundle for browsers, where there are no files, so that code that chooses can be bundled.
 *
 * @throws `ZSPINE_NOT_SUPPORTED` when it is called.
 */
export function diskCache(_options: DiskCacheOptions): ObjectCache {
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    "diskCache() keeps objects in files, and a browser has none; leave out the option cache of s3() there",
  );
}
