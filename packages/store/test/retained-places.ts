import { memory } from "@zspine/backend-memory";
import { forward, retained } from "@zspine/conformance";
import { handleOf, type Backend, type BackendOpener, type Capabilities } from "@zspine/core";
import type { PlacesUnderTest } from "../src/conformance/index.ts";
import { dropStore, restoreStore } from "../src/index.ts";

/** Places in memory that outlive stores, and processes that crash. */
export interface RetainedPlaces extends PlacesUnderTest {
  readonly capabilities: Capabilities;
  readonly crash: (place: string) => void;
}

/** Makes places in memory. */
export function retainedPlaces(open: () => Backend = memory): RetainedPlaces {
  const medium = retained(open);
  // What is dropped is left behind, and never looked at again.
  const drops = new Map<string, number>();
  const nameOf = (place: string): string => `${place} ${drops.get(place) ?? 0}`;
  const opener = (place: string): BackendOpener => ({
    type: "retained",
    async open({ readOnly = false, guest = false } = {}) {
      if (guest) return medium.open(nameOf(place), { guest });
      const backend = await medium.open(nameOf(place));
      if (!readOnly) return backend;
      return handleOf({ ...forward(backend), capabilities: { ...medium.capabilities, readOnly: true } });
    },
    async drop() {
      await (await medium.open(nameOf(place))).close();
      drops.set(place, (drops.get(place) ?? 0) + 1);
    },
  });
  return {
    capabilities: medium.capabilities,
    opener,
    crash: (place) => medium.crash(nameOf(place)),
    restore: restoreStore,
    drop: dropStore,
  };
}
