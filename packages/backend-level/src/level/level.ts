import {
  checkGuest,
  checkPlace,
  defineBackend,
  refuseToRead,
  type BackendOpener,
  type BackendPlugin,
  type PlaceOptions,
} from "@zspine/core";
import { openLevelBackend, openScratchBackend } from "../backend/level-backend.ts";
import type { Medium } from "../medium/medium.ts";

/** Where a backend in LevelDB is, and whether it keeps what is written. */
export interface LevelOptions extends PlaceOptions {
  /**
   * A directory, created where there is none; in a browser the name of a database. With `keeps: false` each opening
   * makes one of its own: in that directory, or with a name that begins with this one.
   */
  readonly location: string;
}

const TYPE = "level";

/** Makes the plugin `level` over the medium of a runtime. */
export function defineLevel(medium: Medium): BackendPlugin<LevelOptions, BackendOpener> {
  return defineBackend({
    type: TYPE,
    create(options?: LevelOptions): BackendOpener {
      const { location, keeps = true, mayBeInMemory = false } = checkPlace(options, TYPE, LOCATION_EXPECTED);
      if (keeps) {
        return {
          type: TYPE,
          async open(how) {
            checkGuest(TYPE, how, false);
            return openLevelBackend(medium, location, how?.readOnly ?? false);
          },
          drop: () => medium.drop(location),
        };
      }
      return {
        type: TYPE,
        async open(how) {
          checkGuest(TYPE, how, false);
          if (how?.readOnly === true) throw refuseToRead(TYPE);
          return openScratchBackend(medium, location, mayBeInMemory);
        },
        drop: () => medium.dropScratch(location),
      };
    },
  });
}

const LOCATION_EXPECTED = "the path of a directory, in a browser the name of a database";
