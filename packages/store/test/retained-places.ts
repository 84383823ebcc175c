import { memory } from "@zspine/backend-memory";
import { forward, retained } from "@zspine/conformance";
import { ZspineError, type Backend, type BackendOpener, type Capabilities } from "@zspine/core";
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
    async open({ readOnly = false } = {}) {
      const backend = await medium.open(nameOf(place));
      return readOnly ? refusingWrites(backend) : backend;
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

function refusingWrites(backend: Backend): Backend {
  const refuse = (): Promise<never> =>
    Promise.reject(new ZspineError("ZSPINE_NOT_SUPPORTED", "the backend was opened to be read only"));
  const capabilities = { ...backend.capabilities, readOnly: true as const };
  return { ...forward(backend), capabilities, write: refuse, createHead: refuse };
}
