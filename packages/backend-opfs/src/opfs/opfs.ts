import {
  BOOLEAN,
  checkGuest,
  defineBackend,
  quote,
  refused,
  requireOptions,
  text,
  ZspineError,
  type BackendOpener,
  type BackendPlugin,
} from "@zspine/core";
import { openOpfsBackend, TYPE } from "../backend/opfs-backend.ts";
import { browserMedium } from "../medium/browser-medium.ts";
import type { Medium } from "../medium/medium.ts";
import { Place } from "../place/place.ts";

/** Where a backend in the origin private file system is. */
export interface OpfsOptions {
  /**
   * The path of a directory in it, of names with `/` between them, created where there is none. No location lies within
   * another.
   */
  readonly location: string;
  /**
   * Whether there must be something already, by default false. Then opening rejects with `ZSPINE_IO` where there is nothing,
   * because the browser has removed it, instead of beginning anew.
   */
  readonly mustExist?: boolean | undefined;
}

/** Makes the plugin `opfs` over a medium that a test may replace. */
export function defineOpfs(medium: Medium): BackendPlugin<OpfsOptions, BackendOpener> {
  return defineBackend({
    type: TYPE,
    create(options?: OpfsOptions): BackendOpener {
      const kinds = { location: text("the path of a directory") };
      const { location, mustExist = false } = requireOptions(options, TYPE, kinds, { mustExist: BOOLEAN });
      if (!location.split("/").every(isName)) {
        const advice =
          'write names with "/" between them, without one at the beginning or the end, such as "app/orders"';
        throw refused([TYPE, "location"], "the path of a directory", location, advice);
      }
      return {
        type: TYPE,
        async open(how) {
          checkGuest(TYPE, how, false);
          checkMedium(medium, location);
          return openOpfsBackend({ location, readOnly: how?.readOnly ?? false, mustExist }, medium);
        },
        async drop() {
          checkMedium(medium, location);
          await Place.drop(location, medium);
        },
      };
    },
  });
}

/**
 * Makes a backend that keeps bytes in the origin private file system of a page, read at once. Durable; one tab or worker
 * holds a location at a time. It is opened in a **dedicated worker**, for nowhere else do browsers read files at once. Call
 * it for an opener, or hand it to `createRegistry` as the plugin `opfs`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` when `location` is no path, and for an option that there is not. To open it rejects with
 *   `ZSPINE_NOT_SUPPORTED` in a page's main thread, in a shared or service worker, and where there is no such file system.
 */
export const opfs: BackendPlugin<OpfsOptions, BackendOpener> = defineOpfs(browserMedium);

function isName(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && !part.includes("\\");
}

function checkMedium({ hasSyncHandles }: Medium, location: string): void {
  if (hasSyncHandles) return;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `opening ${quote(location)} needs files that are read at once, which browsers have in dedicated workers of pages that are ` +
      "served over https: open the store in a new Worker(…), or take level({ location }) of @zspine/backend-level here; " +
      "outside of browsers take file({ location }) of @zspine/backend-file",
  );
}
