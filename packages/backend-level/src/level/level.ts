import { defineBackend, type BackendOpener, type BackendPlugin } from "@zspine/core";
import { strictObject, string } from "zod";
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
    options: strictObject({ location: string().min(1) }),
    create: ({ location }): BackendOpener => ({
      type: "level",
      open: async (options) => openLevelBackend(medium, location, options?.readOnly ?? false),
      drop: () => medium.drop(location),
    }),
  });
}
