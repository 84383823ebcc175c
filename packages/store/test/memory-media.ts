import { memory } from "@zspine/backend-memory";
import type { Backend } from "@zspine/core";
import type { StoreSuiteOptions } from "../src/conformance/index.ts";
import { openStore } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

type Wrap = (backend: Backend) => Backend;

/** Stores with rows in memory, and with rows in a backend that a test keeps in memory. */
export const MEDIA: Readonly<Record<string, (wrap: Wrap) => StoreSuiteOptions>> = {
  "rows in memory": (wrap) => ({
    capabilities: memory().capabilities,
    open: (options) => openStore({ backend: wrap(memory()), ...options }),
  }),
  "L16 stored rows": (wrap) => {
    const places = retainedPlaces();
    const open: StoreSuiteOptions["open"] = (options, place) => {
      const { type, ...opener } = places.opener(place);
      return openStore({
        ...options,
        backend: { ...opener, type, open: async (how) => wrap(await opener.open(how)) },
      });
    };
    return { capabilities: places.capabilities, open, places };
  },
};
