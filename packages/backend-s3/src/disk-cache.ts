export { diskCache } from "./disk-cache/disk-cache.ts";
export type { DiskCacheOptions } from "./disk-cache/disk-cache-options.ts";
