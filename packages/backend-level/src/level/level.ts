import { defineBackend, requireOptions, text, type BackendOpener, type BackendPlugin } from "@zspine/core";
import { openLevelBackend } from "../backend/level-backend.ts";
import type { Medium } from "../medium/medium.ts";

/** Where a backend in LevelDB is. */
export interface LevelOptions {
  /** A directory, created where there is none; in a browser the name of a database. */
  readonly location: string;
}

/** Makes the plugin `level` over the medium of a runtime. */
export function defineLevel(medium: Medium): BackendPlugin<LevelOptions, BackendOpener> {
  return defineBackend({
    type: "level",
    create(options?: LevelOptions): BackendOpener {
      const { location } = requireOptions(options, "level", { location: text(LOCATION_EXPECTED) });
      return {
        type: "level",
        open: async (how) => openLevelBackend(medium, location, how?.readOnly ?? false),
        drop: () => medium.drop(location),
      };
    },
  });
}

const LOCATION_EXPECTED = "the path of a directory, in a browser the name of a database";
