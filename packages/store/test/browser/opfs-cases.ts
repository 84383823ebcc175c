import { opfs } from "@zspine/backend-opfs";
import type { Case } from "@zspine/conformance";
import type { BackendOpener } from "@zspine/core";
import { storeCases } from "../../src/conformance/index.ts";
import { dropStore, openStore, restoreStore } from "../../src/index.ts";

/** The suite of stores over the browser's own files, below the directory `run`. */
export function casesIn(run: string): Case[] {
  const opener = (place: string): BackendOpener => opfs({ location: `${run}/${place}` });
  return storeCases({
    capabilities: {
      durable: true,
      syncReads: true,
      shared: false,
      maxValueBytes: 2 ** 26,
      preferredValueBytes: 2 ** 20,
    },
    open: (options, place) => openStore({ ...options, backend: opener(place) }),
    places: { opener, restore: restoreStore, drop: dropStore },
    speed: "quick",
  });
}
