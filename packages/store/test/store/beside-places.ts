import { memory } from "@zspine/backend-memory";
import { forward, retained } from "@zspine/conformance";
import { handleOf, type Backend, type BackendOpener } from "@zspine/core";

/** Places in memory that outlive stores, with one writer each and readers beside it, as over files. */
export interface BesidePlaces {
  /** Opens a place through `wrap`, which stands between every handle and the medium. */
  opener(place: string, wrap?: (backend: Backend) => Backend): BackendOpener;
  /** Names of the values of a place. */
  values(place: string): Promise<string[]>;
  /** Lets go of the handles of a place, as a killed process does. */
  crash(place: string): void;
}

/** Makes places in memory. @param shared Whether they are declared to be shared by several processes. */
export function besidePlaces(shared = false, preferredValueBytes = 4096): BesidePlaces {
  const medium = retained(() => memory({ preferredValueBytes }), { shared: true });
  const drops = new Map<string, number>();
  const nameOf = (place: string): string => `${place} ${drops.get(place) ?? 0}`;
  const open = async (place: string, readOnly: boolean): Promise<Backend> => {
    const backend = await medium.open(nameOf(place));
    const capabilities = { ...medium.capabilities, shared, ...(readOnly && { readOnly: true as const }) };
    return handleOf({ ...forward(backend), capabilities });
  };
  return {
    opener: (place, wrap = (backend) => backend) => ({
      type: "beside",
      open: async ({ readOnly = false } = {}) => wrap(await open(place, readOnly)),
      drop: async () => void drops.set(place, (drops.get(place) ?? 0) + 1),
    }),
    values: async (place) => {
      const names: string[] = [];
      for await (const name of (await open(place, true)).list("")) names.push(name);
      return names;
    },
    crash: (place) => medium.crash(nameOf(place)),
  };
}
