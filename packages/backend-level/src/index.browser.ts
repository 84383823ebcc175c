import type { BackendOpener, BackendPlugin } from "@zspine/core";
import { defineLevel, type LevelOptions } from "./level/level.ts";
import { browserMedium } from "./medium/browser-medium.ts";

export type { LevelOptions } from "./level/level.ts";

/**
 * Makes a backend that keeps bytes in IndexedDB, in the database `location` of the page's origin. Durable; one
 * tab or worker holds a location at a time. Call it for an opener, or hand it to `createRegistry` as the
 * plugin `level`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when `location` is not text, or empty.
 */
export const level: BackendPlugin<LevelOptions, BackendOpener> = defineLevel(browserMedium);
