import type { BackendOpener, BackendPlugin } from "@zspine/core";
import { defineLevel, type LevelOptions } from "./level/level.ts";
import { diskMedium } from "./medium/disk-medium.ts";

export type { LevelOptions } from "./level/level.ts";

/**
 * Makes a backend that keeps bytes in LevelDB, in the directory `location`. Durable; one process holds a
 * location at a time. Call it for an opener, or hand it to `createRegistry` as the plugin `level`. In a
 * browser the same package keeps them in IndexedDB.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when `location` is not text, or empty.
 */
export const level: BackendPlugin<LevelOptions, BackendOpener> = defineLevel(diskMedium);
